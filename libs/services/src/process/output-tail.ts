/** The last lines that a program wrote, within a bound, so that a chatty program cannot fill the memory. */
export class OutputTail {
  private readonly kept: string[] = [];
  private keptCharacters = 0;
  private dropped = 0;

  constructor(private readonly limitCharacters: number) {}

  add(line: string): void {
    this.kept.push(line);
    this.keptCharacters += line.length + 1;
    while (this.keptCharacters > this.limitCharacters && this.kept.length > 1) {
      this.keptCharacters -= (this.kept.shift()?.length ?? 0) + 1;
      this.dropped += 1;
    }
  }

  get lines(): readonly string[] {
    return this.kept;
  }

  /** The kept lines; says so when there were more before them. */
  get text(): string {
    const lines = this.kept.map((line) =>
      line.length > this.limitCharacters ? `${line.slice(0, this.limitCharacters)}…` : line,
    );
    return (this.dropped === 0 ? lines : [`… ${this.dropped} earlier lines`, ...lines]).join('\n');
  }
}
