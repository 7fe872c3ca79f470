import { type FileHandle, open } from 'node:fs/promises';

export type TextEncodingName = 'utf-8' | 'utf-16le' | 'utf-16be';

/** A part of a text file that begins and ends between two words. */
export interface TextPart {
  readonly encoding: TextEncodingName;
  /** Bytes of the file: the first, and the one after the last. */
  readonly from: number;
  readonly to: number;
}

const pieceBytes = 64 * 1024;
const space = 0x20;
const lineFeed = 0x0a;

/**
 * Finds where a part of a file really begins and ends: behind the first space or line end at or after the wanted place, so that no word
 * and no character is cut in two. Whoever asks for neighbouring parts of the same size gets the same place for the end of one and the
 * beginning of the other; a part without any space goes to the one before it.
 *
 * @param index of the part, from 0
 * @param partBytes wanted size of each part; even
 */
export async function textPart(path: string, index: number, partBytes: number): Promise<TextPart> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const encoding = await encodingOfFile(file);
    return {
      encoding,
      from: await placeAfter(file, index * partBytes, size, encoding),
      to: await placeAfter(file, (index + 1) * partBytes, size, encoding),
    };
  } finally {
    await file.close();
  }
}

/** UTF-8, unless the text begins with the byte order mark of UTF-16. */
export function encodingOf(start: Uint8Array): TextEncodingName {
  if (start[0] === 0xff && start[1] === 0xfe) return 'utf-16le';
  if (start[0] === 0xfe && start[1] === 0xff) return 'utf-16be';
  return 'utf-8';
}

async function encodingOfFile(file: FileHandle): Promise<TextEncodingName> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
  return encodingOf(buffer.subarray(0, bytesRead));
}

async function placeAfter(
  file: FileHandle,
  wanted: number,
  size: number,
  encoding: TextEncodingName,
): Promise<number> {
  if (wanted <= 0) return 0;
  const piece = Buffer.alloc(pieceBytes);
  for (let from = wanted; from < size; from += pieceBytes) {
    const { bytesRead } = await file.read(piece, 0, pieceBytes, from);
    const found = behindSpace(piece.subarray(0, bytesRead), encoding);
    if (found !== undefined) return from + found;
  }
  return size;
}

/** In UTF-8 these bytes are never within another character; in UTF-16 every second byte begins one. */
function behindSpace(bytes: Buffer, encoding: TextEncodingName): number | undefined {
  if (encoding === 'utf-8') {
    const at = bytes.findIndex((byte) => byte === space || byte === lineFeed);
    return at === -1 ? undefined : at + 1;
  }
  for (let at = 0; at + 1 < bytes.length; at += 2) {
    const unit = encoding === 'utf-16le' ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at);
    if (unit === space || unit === lineFeed) return at + 2;
  }
  return undefined;
}
