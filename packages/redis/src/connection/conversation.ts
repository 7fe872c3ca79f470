import type { Clock, MonoMs } from '@lovage/core';

/** Questions and answers on one connection: how long has it owed an answer without a word? */
export class Conversation {
  private owed = 0;
  private since: MonoMs;

  constructor(private readonly clock: Clock) {
    this.since = clock.monoNow();
  }

  asked(): void {
    if (this.owed === 0) this.since = this.clock.monoNow();
    this.owed += 1;
  }

  answered(): void {
    this.owed -= 1;
    this.since = this.clock.monoNow();
  }

  /** Milliseconds since the last question or answer. */
  quietMs(): number {
    return this.clock.monoNow() - this.since;
  }

  /** Milliseconds since the last answer, or since the first question that has none; 0 where nothing is owed. */
  silentMs(): number {
    return this.owed === 0 ? 0 : this.clock.monoNow() - this.since;
  }
}
