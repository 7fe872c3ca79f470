/**
 * A value as JSON can carry it: bytes become base64 text, and integers beyond 2^53, which come from other languages, become
 * text. Values of results are trees whose depth was bounded when they were read.
 */
export function plainJson(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(plainJson);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plainJson(member)]));
}
