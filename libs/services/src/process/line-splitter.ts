const newline = 0x0a;

/** Cuts a stream of UTF-8 bytes into lines, without their newline. Cost is linear, however long a line is. */
export class LineSplitter {
  private pending: Buffer[] = [];

  /** Lines that are complete with `chunk`. */
  push(chunk: Buffer): string[] {
    const lines: string[] = [];
    let from = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, from)) {
      this.pending.push(chunk.subarray(from, end));
      lines.push(this.take());
      from = end + 1;
    }
    if (from < chunk.length) this.pending.push(chunk.subarray(from));
    return lines;
  }

  /** The last line when the stream ends without a newline. */
  end(): string[] {
    return this.pending.length === 0 ? [] : [this.take()];
  }

  private take(): string {
    const line = Buffer.concat(this.pending).toString('utf8');
    this.pending = [];
    return line;
  }
}
