import { CONTENT_REFUSED, SERIALIZER_UNKNOWN } from '../errors/message-errors.js';
import { serializerFor, serializerOf } from './serializers.js';

const known = ['json', 'msgpack', 'yaml'] as const;
const pickleType = 'application/x-python-serialize';
const pickleNames: ReadonlySet<string> = new Set(['pickle', pickleType]);

/**
 * Turns the option `acceptContent` into the content types that are accepted.
 *
 * @param names serializer names or content types, as in Celery's `accept_content`
 * @throws LOVAGE_CONTENT_REFUSED for pickle, LOVAGE_SERIALIZER_UNKNOWN for other unknown names
 */
export function contentTypes(names: readonly string[]): ReadonlySet<string> {
  return new Set(names.map(contentTypeOf));
}

function contentTypeOf(name: string): string {
  const serializer = known.find((candidate) => candidate === name);
  if (serializer !== undefined) return serializerFor(serializer).contentType;
  if (serializerOf(name) !== undefined) return name;
  if (pickleNames.has(name)) throw CONTENT_REFUSED.create({ contentType: pickleType, accepted: known });
  throw SERIALIZER_UNKNOWN.create({ serializer: name, known });
}
