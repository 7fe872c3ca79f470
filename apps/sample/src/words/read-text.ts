import { createReadStream } from 'node:fs';
import { TextDecoder } from 'node:util';
import { encodingOf, type TextPart } from './text-part.js';

export interface TextPiece {
  readonly text: string;
  /** Bytes of the file, or of the part of it, that have been read, with this piece. */
  readonly bytesRead: number;
}

const pieceBytes = 64 * 1024;

/** The file holds something else than text. */
export class NotTextError extends Error {
  override readonly name = 'NotTextError';
}

/**
 * Reads a text file piece by piece; characters are never cut in two. UTF-8, or UTF-16 where the file begins with its
 * byte order mark. The process waits for each piece, so that other work goes on in between.
 *
 * @param part of the file; default: all of it
 * @throws NotTextError at the first bytes that are no text; the reason of `signal` when that is aborted
 */
export async function* readText(
  path: string,
  signal?: AbortSignal,
  part?: TextPart,
): AsyncGenerator<TextPiece, void, undefined> {
  if (part !== undefined && part.from >= part.to) return;
  let decoder: TextDecoder | undefined;
  const start = part?.from ?? 0;
  let bytesRead = 0;
  const stream = createReadStream(path, {
    highWaterMark: pieceBytes,
    start,
    ...(part !== undefined && { end: part.to - 1 }),
  });
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    signal?.throwIfAborted();
    decoder ??= new TextDecoder(part?.encoding ?? encodingOf(chunk), { fatal: true });
    const from = start + bytesRead;
    bytesRead += chunk.length;
    yield { text: decode(decoder, chunk, from), bytesRead };
  }
  // A character that was begun and not ended.
  if (decoder !== undefined) decode(decoder, undefined, start + bytesRead);
}

function decode(decoder: TextDecoder, chunk: Buffer | undefined, from: number): string {
  const refuse = (what: string, cause?: unknown): NotTextError =>
    new NotTextError(
      `the file is no text in UTF-8: ${what} within the ${pieceBytes / 1024} KB after byte ${from}`,
      {
        cause,
      },
    );
  let text: string;
  try {
    text = decoder.decode(chunk, { stream: chunk !== undefined });
  } catch (cause) {
    throw refuse('impossible bytes', cause);
  }
  if (text.includes('\0')) throw refuse('a zero byte');
  return text;
}
