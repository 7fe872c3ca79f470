import { type Clock, Deadline, type Publication, type PublishOutcome, type Timer } from '@lovage/core';
import type { LedgerAnswer, LedgerOperation } from './ledger-operation.js';
import type { LedgerState } from './ledger-state.js';
import { readPublication } from './written-publication.js';

export interface UnsentTicksOptions {
  readonly clock: Clock;
  readonly state: () => LedgerState | undefined;
  readonly propose: (operation: LedgerOperation) => Promise<LedgerAnswer>;
  readonly publish: (publication: Publication, deadline: Deadline) => Promise<PublishOutcome>;
  readonly warn: (error: unknown) => void;
}

/** Whoever has recorded a tick has this time to send its message; after that anybody may. */
const ownMs = 20_000;
const lookEachMs = 5000;

/**
 * Sends the messages of ticks. A tick stands in the log with its message before that is sent, and is struck out afterwards; so
 * what a process that died has recorded and perhaps not sent is sent by another one. Its message has the same id then.
 */
export class UnsentTicks {
  private timer: Timer | undefined;
  private looking = false;
  private closed = false;

  constructor(private readonly options: UnsentTicksOptions) {}

  /** Sends what this process has just recorded, or taken over. */
  async send(key: string, message: string, deadline: Deadline): Promise<PublishOutcome> {
    const { clock, publish, propose } = this.options;
    // Later than this another one may be at it.
    const own = deadline.leftMs() < ownMs / 2 ? deadline : Deadline.in(clock, ownMs / 2);
    const outcome = await publish(readPublication(message), own);
    const unroutable = outcome.kind === 'unroutable';
    const struck = propose({ op: 'sent', k: key, ...(unroutable ? { unroutable } : {}) });
    // Whoever asks next must find that it was taken back.
    if (unroutable) await struck;
    else struck.catch(() => undefined);
    return outcome;
  }

  /** Looks from time to time for what others have left behind. */
  start(): void {
    this.timer = this.options.clock.after(lookEachMs, () => {
      void this.look().catch((error: unknown) => this.options.warn(error));
      if (!this.closed) this.start();
    });
  }

  close(): void {
    this.closed = true;
    this.timer?.cancel();
  }

  private async look(): Promise<void> {
    const { clock, state, propose } = this.options;
    const unsent = state()?.unsent;
    if (this.looking || unsent === undefined || unsent.size === 0) return;
    this.looking = true;
    try {
      for (const [key, { message, attempts, atMs }] of unsent) {
        if (this.closed) return;
        if (clock.wallNow() - atMs < ownMs) continue;
        const answer = await propose({ op: 'takeOver', k: key, x: attempts });
        if (answer?.kind === 'taken') await this.send(key, message, Deadline.in(clock, ownMs / 2));
      }
    } finally {
      this.looking = false;
    }
  }
}
