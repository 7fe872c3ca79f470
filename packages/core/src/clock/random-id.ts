import { randomFillSync } from 'node:crypto';

const idBytes = 16;
/** Random bytes for so many ids are fetched at once. */
const random = Buffer.alloc(idBytes * 128);
let used = random.length;

const text = Buffer.from('00000000-0000-4000-8000-000000000000', 'latin1');
/** Where the two digits of each byte stand in the text. */
const digitsAt = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34] as const;
const digits = Buffer.from('0123456789abcdef', 'latin1');
const versionByte = 6;
const variantByte = 8;

/**
 * A new random id: a UUID of version 4, as Celery makes them.
 *
 * Node's own `randomUUID` puts its text together from twenty pieces, which are joined only when the text is first looked
 * at; as the key of a table such an id costs three times as much as one that is in one piece from the start.
 */
export function randomId(): string {
  if (used === random.length) {
    randomFillSync(random);
    used = 0;
  }
  for (let index = 0; index < idBytes; index += 1) {
    let byte = random[used + index] as number;
    if (index === versionByte) byte = (byte & 0x0f) | 0x40;
    else if (index === variantByte) byte = (byte & 0x3f) | 0x80;
    const at = digitsAt[index] as number;
    text[at] = digits[byte >> 4] as number;
    text[at + 1] = digits[byte & 0x0f] as number;
  }
  used += idBytes;
  return text.toString('latin1');
}
