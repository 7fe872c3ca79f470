/** An error reply. */
export class RespError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'RespError';
  }

  /** First word, such as `WRONGTYPE`, `NOSCRIPT`. */
  get code(): string {
    return this.message.split(' ', 1)[0] ?? '';
  }
}

/** Bulk strings are bytes, simple strings text; a map is a list of keys and values in turn. */
export type RespValue = string | number | bigint | boolean | null | Buffer | RespError | readonly RespValue[];

/** One whole request or reply. */
export interface RespFrame {
  /** First character, which tells the type: `*` for requests, `>` for what a server says unasked in RESP3. */
  readonly type: string;
  readonly bytes: Buffer;
  readonly value: RespValue;
}

interface OpenAggregate {
  readonly type: string;
  readonly items: RespValue[];
  left: number;
}

/** How many values follow for each that is counted. */
const aggregates: Readonly<Record<string, number>> = { '*': 1, '~': 1, '>': 1, '%': 2, '|': 2 };
const bulks = '$!=';
const lines: Readonly<Record<string, (text: string) => RespValue>> = {
  '+': (text) => text,
  '-': (text) => new RespError(text),
  ':': (text) => integerOf(text),
  ',': (text) => Number(text.replace('inf', 'Infinity')),
  '#': (text) => text === 't',
  '(': (text) => BigInt(text),
  _: () => null,
};

/**
 * Cuts a stream of Redis's protocol (RESP2 and RESP3 without streamed types) into whole requests or replies. Knows from
 * the lengths where each ends, so that large ones cost no more than their bytes.
 */
export class RespSplitter {
  private chunks: Buffer[] = [];
  private size = 0;
  /** There is nothing to be found before so many bytes are here. */
  private needed = 1;
  /** Up to here the frame that has begun is understood. */
  private at = 0;
  private open: OpenAggregate[] = [];
  private type = '';

  /**
   * Frames that are complete with `chunk`.
   *
   * @throws Error on what is not RESP
   */
  push(chunk: Buffer): RespFrame[] {
    this.chunks.push(chunk);
    this.size += chunk.length;
    const frames: RespFrame[] = [];
    while (this.size >= this.needed) {
      const data = this.chunks.length === 1 ? (this.chunks[0] as Buffer) : Buffer.concat(this.chunks);
      this.chunks = [data];
      const value = this.next(data);
      if (value === undefined) continue;
      frames.push({ type: this.type, bytes: data.subarray(0, this.at), value });
      this.chunks = [data.subarray(this.at)];
      this.size -= this.at;
      this.at = 0;
      this.needed = 1;
    }
    return frames;
  }

  /** Bytes of a frame that is not complete. */
  get pending(): Buffer {
    return Buffer.concat(this.chunks);
  }

  /** Reads one token. Gives the value of the frame when it ends with this token. */
  private next(data: Buffer): RespValue | undefined {
    const lineEnd = data.indexOf('\r\n', this.at);
    if (lineEnd === -1) {
      this.needed = this.size + 1;
      return undefined;
    }
    const type = String.fromCharCode(data[this.at] ?? 0);
    const text = data.toString('utf8', this.at + 1, lineEnd);
    if (this.at === 0) this.type = type;
    if (bulks.includes(type)) return this.bulk(data, type, lengthOf(type, text), lineEnd + 2);
    this.moveTo(lineEnd + 2);
    const perItem = aggregates[type];
    if (perItem !== undefined) return this.aggregate(type, lengthOf(type, text) * perItem);
    const read = lines[type];
    // The inline form of a request, as people type it.
    if (read === undefined && this.open.length === 0 && /^[A-Za-z]$/.test(type)) return type + text;
    if (read === undefined) throw new Error(`not RESP: a value that begins with ${JSON.stringify(type)}`);
    return this.complete(read(text));
  }

  private bulk(data: Buffer, type: string, length: number, from: number): RespValue | undefined {
    const to = from + length;
    if (length < 0) {
      this.moveTo(from);
      return this.complete(null);
    }
    if (data.length < to + 2) {
      this.needed = to + 2;
      return undefined;
    }
    this.moveTo(to + 2);
    const bytes = data.subarray(from, to);
    if (type === '!') return this.complete(new RespError(bytes.toString()));
    // "txt:" or "mkd:" goes before a verbatim string.
    return this.complete(type === '=' ? bytes.subarray(4) : bytes);
  }

  private aggregate(type: string, left: number): RespValue | undefined {
    if (left < 0) return this.complete(null);
    if (left > 0 || type === '|') this.open.push({ type, items: [], left });
    if (left > 0) return undefined;
    return type === '|' ? this.closeFull() : this.complete([]);
  }

  private complete(value: RespValue): RespValue | undefined {
    const parent = this.open.at(-1);
    if (parent === undefined) return value;
    parent.items.push(value);
    parent.left -= 1;
    return this.closeFull();
  }

  private closeFull(): RespValue | undefined {
    const full = this.open.at(-1);
    if (full === undefined || full.left > 0) return undefined;
    this.open.pop();
    // Attributes go before the value that they describe, which is still to come.
    return full.type === '|' ? undefined : this.complete(full.items);
  }

  private moveTo(at: number): void {
    this.at = at;
    this.needed = at + 1;
  }
}

function lengthOf(type: string, text: string): number {
  if (!/^(-1|[0-9]{1,10})$/.test(text)) throw new Error(`not RESP: a length ${JSON.stringify(type + text)}`);
  return Number(text);
}

function integerOf(text: string): number | bigint {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : BigInt(text);
}
