/** A line is never longer: a stream without an end of line is no stream of batches. JavaScript's texts end a little later. */
const longestLine = 256 * 1024 * 1024;

/** Puts the lines of a stream of text together again. */
export class HopLines {
  private pending = '';

  /** @param onLine takes each line without its end */
  constructor(private readonly onLine: (line: string) => void) {}

  /** @throws RangeError for a line that is too long */
  push(chunk: string): void {
    let from = 0;
    for (let end = chunk.indexOf('\n'); end !== -1; end = chunk.indexOf('\n', from)) {
      const line = this.pending + chunk.slice(from, end);
      this.pending = '';
      from = end + 1;
      this.onLine(line);
    }
    if (this.pending.length + chunk.length > longestLine) throw new RangeError('the line is too long');
    this.pending += from === 0 ? chunk : chunk.slice(from);
  }
}
