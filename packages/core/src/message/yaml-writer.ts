import type { EncodeContext } from './codec-context.js';
import { formatIsoTime } from './iso-time.js';
import { JsonText, numberText } from './json-writer.js';
import type { TypedValue } from './typed-value.js';
import { walkValue } from './value-walk.js';

/** YAML readers refuse implicit keys of more than 1024 characters. */
const maxImplicitKey = 1000;
const loneSurrogate = /\p{Surrogate}/u;
/** Line breaks to YAML 1.1, or refused by PyYAML, and not escaped by `JSON.stringify`. */
const special = /[\u007F-\u009F\u2028\u2029\uFEFF\uFFFE\uFFFF]/g;

/**
 * Writes YAML 1.1 that PyYAML's safe loader reads to the same value: all text in double quotes, all collections in
 * brackets, after the mark of a document's start, which no other serializer begins with. Nothing in it can be taken for another type (`yes`, `12:30`, `1e5`).
 *
 * @throws LOVAGE_VALUE_UNSERIALIZABLE, LOVAGE_MESSAGE_TOO_DEEP, LOVAGE_MESSAGE_TOO_LARGE, LOVAGE_HOSTILE_KEY
 */
export function writeYaml(value: unknown, context: EncodeContext): string {
  const sink = new YamlText(false);
  walkValue(value, sink, 'yaml', context, 0);
  return `--- ${sink.text}\n`;
}

/** YAML's bracket style is JSON with a few forms of its own. */
class YamlText extends JsonText {
  override number(value: number): string | undefined {
    if (Number.isFinite(value)) this.write(yamlFloat(numberText(value)));
    else this.write(Number.isNaN(value) ? '.nan' : value > 0 ? '.inf' : '-.inf');
    return undefined;
  }

  override string(value: string): string | undefined {
    if (loneSurrogate.test(value)) return 'holds half of a surrogate pair, which has no UTF-8';
    this.write(quoted(value));
    return undefined;
  }

  override date(value: Date): string | undefined {
    const text = formatIsoTime(value);
    if (text === undefined) return 'is an invalid date, or outside of the years 1 to 9999';
    this.write(`!!timestamp "${text}"`);
    return undefined;
  }

  override bytes(value: Buffer): string | undefined {
    this.write(`!!binary "${value.toString('base64')}"`);
    return undefined;
  }

  override typed({ text }: TypedValue): string | undefined {
    this.write(quoted(text));
    return undefined;
  }

  override key(key: string): string | undefined {
    if (loneSurrogate.test(key)) return 'has a key with half of a surrogate pair, which has no UTF-8';
    const text = quoted(key);
    this.writeKey(text.length > maxImplicitKey ? `? ${text} : ` : `${text}: `);
    return undefined;
  }
}

function quoted(text: string): string {
  return JSON.stringify(text).replace(
    special,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** A float of YAML 1.1 has a point: `1e+20` would be text. */
function yamlFloat(text: string): string {
  return text.includes('.') ? text : text.replace('e', '.0e');
}
