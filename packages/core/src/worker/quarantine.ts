import type { Clock, Timer } from '../clock/clock.js';
import type { Consumer, Delivery } from '../ports/consumer.js';
import { Run } from './run.js';
import type { Suspects } from './suspects.js';

/** Tasks that run already are given so long to end before a suspect begins. */
const patienceMs = 10_000;

export interface QuarantineParts {
  readonly clock: Clock;
  readonly suspects: Suspects;
  readonly consumer: () => Consumer | undefined;
  readonly prefetch: () => number;
  /** Gives a delivery back, so that it does not count as delivered. */
  readonly handBack: (run: Run) => void;
  /** Lets nothing more come. Resolves when nothing is on its way, nothing runs, and all that ended or went back is written. */
  readonly quiet: () => Promise<void>;
  /** Messages may come again. */
  readonly onOver: () => void;
  /** A suspect may begin, or everything may go on. */
  readonly onReady: () => void;
}

/**
 * Runs messages that were delivered again and again alone, so that a crash counts against the one that brings it about and not against
 * those that were in hand with it. Nor does it count against a suspect that has not begun.
 *
 * OPEN      everything begins as it comes. A suspect moves to WAITING.
 * WAITING   all else is given back, nothing new comes, what runs comes to its end, for some time at most. What is not back when the
 *           suspect begins would be counted as delivered with it.
 * ALONE     the suspect runs. Its settlement moves to NARROW.
 * NARROW    one delivery comes at a time (prefetch 1): another suspect moves to WAITING, anything else to OPEN.
 */
export class Quarantine {
  private state: 'open' | 'waiting' | 'alone' | 'narrow' = 'open';
  private suspect: Run | undefined;
  private taken = false;
  private patience: Timer | undefined;

  constructor(private readonly parts: QuarantineParts) {}

  /** Whether nothing else may begin. */
  get closed(): boolean {
    return this.state === 'waiting' || this.state === 'alone';
  }

  /** A suspect that has not begun: it must go back when the worker stops. */
  get waiting(): Run | undefined {
    return this.closed && !this.taken ? this.suspect : undefined;
  }

  /** Whether the suspect may begin as soon as a slot is free. */
  get ready(): boolean {
    return this.state === 'alone' && !this.taken;
  }

  /** Whether these deliveries can not simply wait for a slot. */
  concerns(deliveries: readonly Delivery[]): boolean {
    return this.state !== 'open' || deliveries.some((delivery) => this.parts.suspects.include(delivery));
  }

  /**
   * Takes in what concerns it.
   *
   * @param others takes what waits already; asked only when a suspect is there
   * @returns deliveries that may wait for a slot after all
   */
  admit(deliveries: readonly Delivery[], others: () => readonly Run[]): readonly Delivery[] {
    const suspect = this.closed
      ? undefined
      : deliveries.find((delivery) => this.parts.suspects.include(delivery));
    if (suspect === undefined && !this.closed) {
      this.open();
      return deliveries;
    }
    if (suspect !== undefined) {
      for (const run of others()) this.parts.handBack(run);
      this.close(new Run(suspect));
    }
    for (const delivery of deliveries) {
      if (delivery !== suspect) this.parts.handBack(new Run(delivery));
    }
    return [];
  }

  /** The suspect, when its time has come; once. */
  take(): Run | undefined {
    if (this.state !== 'alone' || this.taken) return undefined;
    this.taken = true;
    return this.suspect;
  }

  /** A run waits for something that may take long: nobody shall wait for it. It begins later, beside others. */
  pass(run: Run): void {
    if (run === this.suspect) this.over();
  }

  /** Deliveries are no longer ours. */
  lose(lost: ReadonlySet<Delivery>): void {
    if (this.suspect !== undefined && lost.has(this.suspect.delivery)) this.over();
  }

  /** The worker has stopped. */
  stop(): void {
    this.patience?.cancel();
  }

  private close(suspect: Run): void {
    this.state = 'waiting';
    this.suspect = suspect;
    this.taken = false;
    suspect.onSettled = () => this.over();
    this.parts.consumer()?.setPrefetch(1);
    const begin = (): void => {
      if (this.state !== 'waiting' || this.suspect !== suspect) return;
      this.patience?.cancel();
      this.state = 'alone';
      this.parts.onReady();
    };
    this.patience = this.parts.clock.after(patienceMs, begin);
    void this.parts.quiet().then(begin);
  }

  private over(): void {
    this.patience?.cancel();
    if (this.suspect !== undefined) this.suspect.onSettled = undefined;
    this.state = 'narrow';
    this.suspect = undefined;
    this.parts.onOver();
    this.parts.onReady();
  }

  private open(): void {
    if (this.state === 'open') return;
    this.state = 'open';
    this.parts.consumer()?.setPrefetch(this.parts.prefetch());
  }
}
