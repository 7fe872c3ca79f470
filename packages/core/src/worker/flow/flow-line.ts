import type { Timer, WallMs } from '../../clock/clock.js';
import type { FlowAnswer, FlowEntry } from './flow-entry.js';
import type { WaitingRoom } from './waiting-room.js';

export interface FlowLineParts {
  readonly room: WaitingRoom;
  readonly ask: (entry: FlowEntry) => Promise<FlowAnswer>;
  /** Whether nobody who has been let through still waits for a slot of the pool. */
  readonly mayBegin: () => boolean;
  /** Told that the line waits for that. */
  readonly onBlocked: (line: FlowLine) => void;
  /** Told when a run leaves for its queue, for so long. */
  readonly onDismissed: (entry: FlowEntry, forMs: number) => void;
}

type Wait = Extract<FlowAnswer, { kind: 'wait' }>;

/** Whoever goes back to the broker stays there so long at least. */
const shortestAwayMs = 100;
/** And comes to look again after this time at the latest. */
const longestAwayMs = 3_600_000;

/**
 * Runs that wait for the same limits, first come first served. Only the first of them asks, so that a long line costs the ledger no more
 * than a short one. Whoever would wait long, or finds the waiting room full, goes back to the broker for the time that the line needs
 * to get to it; many are spread over that time, and do not all come back at once.
 */
export class FlowLine {
  private entries: FlowEntry[] = [];
  /** The first is being answered; `again`: something has become free meanwhile. */
  private asking: 'no' | 'yes' | 'again' = 'no';
  /** Until then the first need not ask. */
  private pause: { readonly timer: Timer; readonly untilMs: number; readonly stepMs: number } | undefined;
  private looking = false;
  /** When the last of those who went away comes back. */
  private lastBackAt = 0;

  /** @param names of all limits that its runs need */
  constructor(
    readonly names: readonly string[],
    private readonly parts: FlowLineParts,
  ) {}

  /** Whether it needs not be remembered. */
  get idle(): boolean {
    return this.entries.length === 0 && this.asking === 'no' && this.lastBackAt <= this.now;
  }

  get length(): number {
    return this.entries.length;
  }

  /** The run is woken in a later turn. */
  join(entry: FlowEntry): void {
    this.parts.room.enter();
    this.entries.push(entry);
    if (this.pause === undefined) void this.pump();
    else void this.look();
  }

  leave(entry: FlowEntry): void {
    if (entry.left) return;
    entry.left = true;
    this.entries = this.entries.filter((other) => other !== entry);
    this.parts.room.leave();
    if (this.entries.length === 0) this.resume();
  }

  /** Something has become free. */
  poke(): void {
    this.resume();
    void this.pump();
  }

  private async pump(): Promise<void> {
    if (this.asking !== 'no') {
      this.asking = 'again';
      return;
    }
    this.asking = 'yes';
    await Promise.resolve();
    for (let head = this.entries[0]; head !== undefined; head = this.entries[0]) {
      if (!this.parts.mayBegin()) {
        this.parts.onBlocked(this);
        break;
      }
      this.asking = 'yes';
      const answer = await this.answerTo(head);
      if (answer.kind !== 'wait') this.let(head, answer);
      // reason: set while the answer was awaited.
      // oxlint-disable-next-line no-unnecessary-condition
      else if ((this.asking as string) !== 'again') {
        this.rest(answer);
        break;
      }
    }
    this.asking = 'no';
  }

  private async answerTo(head: FlowEntry): Promise<FlowAnswer> {
    try {
      return await this.parts.ask(head);
    } catch (error) {
      return { kind: 'refused', refusal: { kind: 'failed', error } };
    }
  }

  private let(head: FlowEntry, answer: Exclude<FlowAnswer, Wait>): void {
    if (head.left) {
      if (answer.kind === 'granted') answer.permit.release(undefined);
      return;
    }
    head.run.pass = answer.kind === 'granted' ? { permit: answer.permit } : { refusal: answer.refusal };
    this.leave(head);
    head.wake();
  }

  private rest({ waitMs, stepMs }: Wait): void {
    this.resume();
    if (this.entries.length === 0) return;
    const timer = this.parts.room.clock.after(waitMs, () => this.poke());
    this.pause = { timer, untilMs: this.now + waitMs, stepMs };
    this.dismiss(waitMs, stepMs);
  }

  private resume(): void {
    this.pause?.timer.cancel();
    this.pause = undefined;
  }

  /** Looks at those who have come while the line rests, all of one turn together. */
  private async look(): Promise<void> {
    if (this.looking) return;
    this.looking = true;
    await Promise.resolve();
    this.looking = false;
    if (this.pause !== undefined) this.dismiss(this.pause.untilMs - this.now, this.pause.stepMs);
  }

  /** Sends those away who can not wait here. */
  private dismiss(waitMs: number, stepMs: number): void {
    const { room } = this.parts;
    const { now } = this;
    const staying: FlowEntry[] = [];
    const away: FlowEntry[] = [];
    for (const entry of this.entries) {
      const leftMs = waitMs + staying.length * stepMs;
      const isShort = now - entry.enteredAt + leftMs <= room.longestMs;
      const stays = isShort && room.count - away.length <= room.size;
      (stays ? staying : away).push(entry);
    }
    this.entries = staying;
    if (staying.length === 0) this.resume();
    for (const entry of away) this.sendAway(entry, waitMs + staying.length * stepMs, stepMs);
  }

  private sendAway(entry: FlowEntry, leftMs: number, stepMs: number): void {
    const { room, onDismissed } = this.parts;
    const { now } = this;
    const soonest = now + Math.max(shortestAwayMs, leftMs);
    const backAt = Math.min(now + longestAwayMs, Math.max(soonest, this.lastBackAt + stepMs));
    this.lastBackAt = backAt;
    const notBefore = Math.ceil(room.clock.wallNow() + backAt - now) as WallMs;
    entry.left = true;
    room.leave();
    entry.run.pass = { refusal: { kind: 'postponed', notBefore } };
    onDismissed(entry, backAt - now);
    entry.wake();
  }

  private get now(): number {
    return this.parts.room.clock.monoNow();
  }
}
