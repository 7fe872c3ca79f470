/** The few forms of ASN.1 in DER that a certificate is made of. */
export const der = {
  sequence: (...parts: readonly Buffer[]): Buffer => tagged(0x30, ...parts),
  set: (...parts: readonly Buffer[]): Buffer => tagged(0x31, ...parts),
  /** Of 0 to 127, or bytes whose first bit is not set. */
  integer: (value: number | Buffer): Buffer =>
    tagged(0x02, typeof value === 'number' ? Buffer.from([value]) : value),
  true: (): Buffer => tagged(0x01, Buffer.from([0xff])),
  text: (text: string): Buffer => tagged(0x0c, Buffer.from(text)),
  octets: (bytes: Buffer): Buffer => tagged(0x04, bytes),
  bits: (bytes: Buffer): Buffer => tagged(0x03, Buffer.from([0]), bytes),
  time: (time: Date): Buffer => {
    const digits = time.toISOString().replaceAll(/[-:T]|\.[0-9]+/g, '');
    return tagged(0x18, Buffer.from(digits));
  },
  /** @param dotted such as `2.5.4.3` */
  oid: (dotted: string): Buffer => {
    const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
    return tagged(0x06, Buffer.from([40 * first + second, ...rest.flatMap(base128)]));
  },
  /** A field with a number in place of its type. */
  field: (number: number, ...parts: readonly Buffer[]): Buffer => tagged(0xa0 + number, ...parts),
  /** The same for a field that holds bytes and no further fields. */
  plainField: (number: number, bytes: Buffer): Buffer => tagged(0x80 + number, bytes),
};

function tagged(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  let head = [tag, length];
  if (length > 0xff) head = [tag, 0x82, length >> 8, length & 0xff];
  else if (length > 0x7f) head = [tag, 0x81, length];
  return Buffer.concat([Buffer.from(head), content]);
}

function base128(value: number): readonly number[] {
  const bytes = [value & 0x7f];
  for (let rest = value >> 7; rest > 0; rest >>= 7) bytes.unshift((rest & 0x7f) | 0x80);
  return bytes;
}
