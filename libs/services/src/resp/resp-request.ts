import type { RespFrame } from './resp-splitter.js';

/** A request as Redis's protocol writes it. */
export function encodeRequest(args: readonly (string | number | Uint8Array)[]): Buffer {
  const parts = args.flatMap((arg) => {
    const bytes = typeof arg === 'object' ? Buffer.from(arg) : Buffer.from(String(arg));
    return [Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n')];
  });
  return Buffer.concat([Buffer.from(`*${args.length}\r\n`), ...parts]);
}

/** A request that went by. */
export interface RespRequest {
  /** In capitals: `EVALSHA`. */
  readonly command: string;
  /** All after the command, as UTF-8. */
  readonly args: readonly string[];
  readonly bytes: Buffer;
}

export function requestOf(frame: RespFrame): RespRequest {
  const { value, bytes } = frame;
  const words =
    typeof value === 'string'
      ? value.split(' ')
      : Array.isArray(value)
        ? value.map((word) => String(word))
        : [];
  const [command = '', ...args] = words;
  return { command: command.toUpperCase(), args, bytes };
}
