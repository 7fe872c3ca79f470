import type { Clock } from '../../../clock/clock.js';

/** A batch that has grown to so many characters leaves before its turn ends. */
const mostCharacters = 256 * 1024;

/**
 * Collects what is told in one turn of the event loop and hands it on as one text, since what a hop costs is above all the
 * waking of the other side. A message is written when it is told: what it holds may change later.
 */
export class HopBatch<Message> {
  private parts: string[] = [];
  private length = 0;
  private scheduled = false;

  /** @param send takes the text of a batch: one line */
  constructor(
    private readonly clock: Clock,
    private readonly send: (line: string) => void,
  ) {}

  tell(message: Message): void {
    this.add(message);
    if (this.length >= mostCharacters) this.flush();
    else if (!this.scheduled) {
      this.scheduled = true;
      this.clock.endOfTurn(this.onEndOfTurn);
    }
  }

  /** Sends it at once, with what was told before in this turn. */
  tellNow(message: Message): void {
    this.add(message);
    this.flush();
  }

  /** Sends what is there now, without waiting for the end of the turn. */
  flush(): void {
    if (this.parts.length === 0) return;
    const line = `[${this.parts.join(',')}]`;
    this.parts = [];
    this.length = 0;
    this.send(line);
  }

  private add(message: Message): void {
    const text = JSON.stringify(message);
    this.parts.push(text);
    this.length += text.length;
  }

  private readonly onEndOfTurn = (): void => {
    this.scheduled = false;
    this.flush();
  };
}

/** The messages of a batch; `undefined` for what is none. */
// reason: who reads knows who writes.
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters
export function readBatch<Message>(line: string): readonly Message[] | undefined {
  try {
    const messages: unknown = JSON.parse(line);
    return Array.isArray(messages) ? (messages as Message[]) : undefined;
  } catch {
    return undefined;
  }
}
