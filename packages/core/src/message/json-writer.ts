import type { EncodeContext } from './codec-context.js';
import { formatIsoTime } from './iso-time.js';
import type { TypedValue } from './typed-value.js';
import { type ValueSink, walkValue } from './value-walk.js';

/**
 * Writes the values that `JSON.stringify` would write wrongly, lose or refuse: Celery's typed values, bytes, BigInt,
 * NaN and the infinities, minus zero, floats beyond 2^53. What has no JSON form is refused with its path.
 *
 * @param outerDepth how many levels the text will be nested in
 * @throws LOVAGE_VALUE_UNSERIALIZABLE, LOVAGE_MESSAGE_TOO_DEEP, LOVAGE_MESSAGE_TOO_LARGE, LOVAGE_HOSTILE_KEY
 */
export function writeJson(value: unknown, context: EncodeContext, outerDepth: number): string {
  const sink = new JsonText(context.jsonTypes === 'plain');
  walkValue(value, sink, 'json', context, outerDepth);
  return sink.text;
}

/** Collects JSON text; YAML, which can be written in nearly the same way, changes a few forms. */
export class JsonText implements ValueSink {
  text = '';
  /** Stands before the next value, where that is no first one. */
  private separator = '';

  constructor(private readonly plain: boolean) {}

  null(): void {
    this.write('null');
  }

  boolean(value: boolean): void {
    this.write(value ? 'true' : 'false');
  }

  number(value: number): string | undefined {
    this.write(numberText(value));
    return undefined;
  }

  bigint(value: bigint): string | undefined {
    this.write(value.toString());
    return undefined;
  }

  string(value: string): string | undefined {
    this.write(JSON.stringify(value));
    return undefined;
  }

  date(value: Date): string | undefined {
    const text = formatIsoTime(value);
    if (text === undefined) return 'is an invalid date, or outside of the years 1 to 9999';
    if (this.plain) this.write(`"${text.slice(0, -'+00:00'.length)}Z"`);
    else this.write(typedText('datetime', `"${text}"`));
    return undefined;
  }

  bytes(value: Buffer): string | undefined {
    if (this.plain) return "is bytes, which jsonTypes 'plain' can not write";
    this.write(typedText('base64', `"${value.toString('base64')}"`));
    return undefined;
  }

  typed({ kind, text }: TypedValue): string | undefined {
    if (this.plain) this.write(`"${kind === 'date' ? `${text}T00:00:00` : text}"`);
    else this.write(typedText(kind, kind === 'uuid' ? `{"hex":"${text.replaceAll('-', '')}"}` : `"${text}"`));
    return undefined;
  }

  startArray(): void {
    this.start('[');
  }

  endArray(): void {
    this.end(']');
  }

  startObject(): void {
    this.start('{');
  }

  key(key: string): string | undefined {
    this.writeKey(`${JSON.stringify(key)}:`);
    return undefined;
  }

  endObject(): void {
    this.end('}');
  }

  protected write(text: string): void {
    this.text += this.separator + text;
    this.separator = ',';
  }

  protected writeKey(text: string): void {
    this.text += this.separator + text;
    this.separator = '';
  }

  private start(bracket: string): void {
    this.text += this.separator + bracket;
    this.separator = '';
  }

  private end(bracket: string): void {
    this.text += bracket;
    this.separator = ',';
  }
}

const typedText = (type: string, valueText: string): string =>
  `{"__type__":"${type}","__value__":${valueText}}`;

/** Text that is a float for Python where the number is one, and an integer where it is one. */
export function numberText(value: number): string {
  if (Object.is(value, -0)) return '-0.0';
  const text = String(value);
  // Such a number is a float here, so it must be one for a reader that has long integers.
  if (Number.isInteger(value) && !Number.isSafeInteger(value) && !text.includes('e')) return `${text}.0`;
  // NaN and the infinities are bare words, as Python writes and reads them.
  return text;
}
