import { SERIALIZER_UNKNOWN } from '../errors/message-errors.js';
import type { SerializerName } from './codec-names.js';
import { jsonSerializer } from './json-serializer.js';
import { msgpackSerializer } from './msgpack-serializer.js';
import type { Serializer } from './serializer.js';
import { yamlSerializer } from './yaml-serializer.js';

const all: readonly Serializer[] = [jsonSerializer, msgpackSerializer, yamlSerializer];
const byName = new Map<string, Serializer>(all.map((serializer) => [serializer.name, serializer]));
const byContentType = new Map<string, Serializer>(
  all.map((serializer) => [serializer.contentType, serializer]),
);

/** @throws LOVAGE_SERIALIZER_UNKNOWN */
export function serializerFor(name: SerializerName): Serializer {
  const serializer = byName.get(name);
  if (serializer === undefined)
    throw SERIALIZER_UNKNOWN.create({ serializer: name, known: [...byName.keys()] });
  return serializer;
}

/** @param contentType exact, as it stands in a message */
export function serializerOf(contentType: string): Serializer | undefined {
  return byContentType.get(contentType);
}
