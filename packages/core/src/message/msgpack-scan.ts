/** What is wrong with MessagePack bytes, seen before they are decoded. */
export type MsgpackFault = 'too-deep' | 'truncated' | 'trailing' | 'malformed';

/**
 * Looks once over MessagePack bytes before they are decoded: bounds the nesting without recursion, and refuses lengths
 * that the bytes can not hold, for which a decoder might allocate.
 *
 * @returns `undefined` for bytes that may be decoded
 */
export function scanMsgpack(bytes: Buffer, maxDepth: number): MsgpackFault | undefined {
  /** For each open container, how many values are still to come. */
  const open: number[] = [];
  let at = 0;
  do {
    if (at >= bytes.length) return 'truncated';
    const head = bytes[at] as number;
    const form = forms[head] as Form;
    const start = at + 1 + form.lengthBytes;
    if (start > bytes.length) return 'truncated';
    const length =
      form.lengthBytes === 0 ? form.fixed : bytes.readUIntBE(at + 1, form.lengthBytes) + form.fixed;
    if (open.length > 0) open[open.length - 1] = (open[open.length - 1] as number) - 1;
    at = start;
    if (form.kind === 'bytes') {
      at += length;
    } else if (form.kind === 'values') {
      const values = length * form.valuesEach;
      if (open.length >= maxDepth) return 'too-deep';
      // Each value takes at least one byte.
      if (values > bytes.length - at) return 'truncated';
      open.push(values);
    } else {
      return 'malformed';
    }
    if (at > bytes.length) return 'truncated';
    while (open.length > 0 && open[open.length - 1] === 0) open.pop();
  } while (open.length > 0);
  return at === bytes.length ? undefined : 'trailing';
}

/** How the length behind a first byte is found: `lengthBytes` of it are read, `fixed` is added. */
interface Form {
  readonly kind: 'bytes' | 'values' | 'none';
  readonly lengthBytes: 0 | 1 | 2 | 4;
  readonly fixed: number;
  /** Values for each unit of length: 1 in arrays, 2 in maps. */
  readonly valuesEach: 1 | 2;
}

const holding = (fixed: number, lengthBytes: 0 | 1 | 2 | 4 = 0): Form => ({
  kind: 'bytes',
  lengthBytes,
  fixed,
  valuesEach: 1,
});
const listing = (fixed: number, valuesEach: 1 | 2, lengthBytes: 0 | 2 | 4 = 0): Form => ({
  kind: 'values',
  lengthBytes,
  fixed,
  valuesEach,
});

/** By the first byte, as the MessagePack specification lists them. */
const forms: readonly Form[] = Array.from({ length: 256 }, (_, head): Form => {
  if (head < 0x80 || head >= 0xe0) return holding(0);
  if (head < 0x90) return listing(head & 0x0f, 2);
  if (head < 0xa0) return listing(head & 0x0f, 1);
  if (head < 0xc0) return holding(head & 0x1f);
  switch (head) {
    case 0xc4:
    case 0xd9:
      return holding(0, 1);
    case 0xc5:
    case 0xda:
      return holding(0, 2);
    case 0xc6:
    case 0xdb:
      return holding(0, 4);
    // Extensions: one more byte for their type.
    case 0xc7:
      return holding(1, 1);
    case 0xc8:
      return holding(1, 2);
    case 0xc9:
      return holding(1, 4);
    case 0xca:
    case 0xce:
    case 0xd2:
      return holding(4);
    case 0xcb:
    case 0xcf:
    case 0xd3:
      return holding(8);
    case 0xcc:
    case 0xd0:
      return holding(1);
    case 0xcd:
    case 0xd1:
      return holding(2);
    case 0xd4:
      return holding(2);
    case 0xd5:
      return holding(3);
    case 0xd6:
      return holding(5);
    case 0xd7:
      return holding(9);
    case 0xd8:
      return holding(17);
    case 0xdc:
      return listing(0, 1, 2);
    case 0xdd:
      return listing(0, 1, 4);
    case 0xde:
      return listing(0, 2, 2);
    case 0xdf:
      return listing(0, 2, 4);
    case 0xc1:
      return { kind: 'none', lengthBytes: 0, fixed: 0, valuesEach: 1 };
    default:
      return holding(0); // nil, false, true
  }
});
