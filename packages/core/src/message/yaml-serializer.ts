import { types } from 'node:util';
import { Composer, Lexer, Parser } from 'yaml';
import {
  BODY_UNDECODABLE,
  HOSTILE_KEY,
  MESSAGE_TOO_DEEP,
  MESSAGE_TOO_LARGE,
} from '../errors/message-errors.js';
import type { DecodeContext, EncodeContext } from './codec-context.js';
import { type Encoded, encodedLength, isLongerThan } from './encoded.js';
import { HostileKey, refuseHostileKeys } from './hostile-keys.js';
import type { Serializer } from './serializer.js';
import { utf8Text } from './utf8-text.js';
import { writeYaml } from './yaml-writer.js';

const contentType = 'application/x-yaml';
/** Aliases that one document may use, counted with what they stand for. */
const maxAliases = 100;

/**
 * YAML as PyYAML's safe dumper and loader write and read it (YAML 1.1): no custom tags, few aliases. Times are Dates and
 * `!!binary` is a Buffer. Slow: some seconds for a megabyte, so `limits.maxBytes` bounds the text also where it was
 * compressed.
 */
export const yamlSerializer: Serializer = {
  name: 'yaml',
  contentType,
  contentEncoding: 'utf-8',
  serialize: (value, context) => {
    const text = writeYaml(value, context);
    refuseLarge(text, 'encoded', context);
    return text;
  },
  deserialize: (encoded, context) => {
    refuseLarge(encoded, 'decompressed', context);
    const text = utf8Text(encoded, contentType, context);
    try {
      return readYaml(text, context);
    } catch (error) {
      if (error instanceof TooDeep)
        throw MESSAGE_TOO_DEEP.create({ ...context.identity, limit: context.limits.maxDepth });
      if (error instanceof HostileKey) throw HOSTILE_KEY.create({ ...context.identity, key: error.key });
      const problem = error instanceof Refused ? error.message : 'it can not be parsed';
      throw BODY_UNDECODABLE.create({ ...context.identity, contentType, problem });
    }
  },
};

function refuseLarge(
  encoded: Encoded,
  stage: 'encoded' | 'decompressed',
  { limits, identity }: EncodeContext | DecodeContext,
): void {
  const limit = limits.maxBytes;
  if (isLongerThan(encoded, limit))
    throw MESSAGE_TOO_LARGE.create({ ...identity, bytes: encodedLength(encoded), limit, stage });
}

class TooDeep extends Error {}

/** Its message is ours, and shows nothing of the text. */
class Refused extends Error {}

function readYaml(text: string, { limits }: DecodeContext): unknown {
  const composer = new Composer({ version: '1.1', intAsBigInt: true, stringKeys: true, logLevel: 'silent' });
  const documents = [...composer.compose(boundedTokens(text, limits.maxDepth), true, text.length)];
  const [document] = documents;
  if (document === undefined || documents.length > 1) throw new Refused('it is not one document');
  const [error] = document.errors;
  if (error !== undefined) throw new Refused(`${error.code} at position ${error.pos[0]}`);
  // Unknown tags are warnings to the library, which would then ignore the tag.
  const [warning] = document.warnings;
  if (warning !== undefined) throw new Refused(`${warning.code} at position ${warning.pos[0]}`);
  return cleaned(document.toJS({ maxAliasCount: maxAliases }), limits.maxDepth);
}

/** The library's own steps from text to tokens, stopped as soon as the nesting is too deep for the recursive ones after. */
function* boundedTokens(text: string, maxDepth: number): ReturnType<Parser['parse']> {
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    yield* parser.next(lexeme);
    // The stack holds the document and the scalar, too.
    if (parser.stack.length > maxDepth + 2) throw new TooDeep();
  }
  yield* parser.end();
}

/** Checks keys, and again the depth, since aliases may have added to it or made a circle. */
function cleaned(value: unknown, depth: number): unknown {
  if (typeof value === 'bigint') {
    return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
  }
  if (typeof value !== 'object' || value === null) return value;
  if (types.isUint8Array(value)) return Buffer.from(value);
  if (types.isDate(value)) return value;
  if (types.isSet(value) || types.isMap(value)) throw new Refused('sets and ordered maps are not supported');
  if (depth <= 0) throw new TooDeep();
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) value[i] = cleaned(value[i], depth - 1);
    return value;
  }
  refuseHostileKeys(value);
  const object = value as Record<string, unknown>;
  for (const key of Object.keys(object)) object[key] = cleaned(object[key], depth - 1);
  return object;
}
