import type { Clock } from '../../clock/clock.js';
import type { Outcome } from '../outcome.js';
import type { RunPermit } from '../run.js';

export interface PermitParts {
  readonly clock: Clock;
  readonly releaseSlots: () => void;
  /** The task has ended. */
  readonly leavePlace: () => void;
  /** It comes again, at the earliest after so many milliseconds. */
  readonly keepPlace: (forMs: number) => void;
}

/** What a run has taken. Slots are free when it has ended; its place among unique tasks stays its own until the task has ended. */
export class Permit implements RunPermit {
  private released = false;

  constructor(private readonly parts: PermitParts) {}

  release(outcome: Outcome | undefined): void {
    if (this.released) return;
    this.released = true;
    const { clock, releaseSlots, leavePlace, keepPlace } = this.parts;
    releaseSlots();
    switch (outcome?.kind) {
      case 'retried':
        return keepPlace(Math.max(0, outcome.retry.notBeforeMs - clock.wallNow()));
      case 'postponed':
        return keepPlace(Math.max(0, outcome.notBefore - clock.wallNow()));
      case 'rejected':
        return outcome.requeue ? keepPlace(0) : leavePlace();
      case 'lost':
      case 'released':
      case 'superseded':
      case undefined:
        return keepPlace(0);
      case 'succeeded':
      case 'failed':
      case 'ignored':
      case 'replaced':
      case 'revoked':
      case 'parked':
        return leavePlace();
    }
  }
}
