import type { Settlement, SettleOutcome, SettleVerb } from '../ports/settlement.js';
import type { Run } from './run.js';
import type { Settler } from './settler.js';

/** What is told of acknowledgements that go wrong, and of runs that were called off. */
export interface EarlyListeners {
  readonly onRefused: (run: Run, outcome: SettleOutcome | undefined, error: unknown) => void;
  /** It was called off when its message was gone already: it must be sent again. */
  readonly onCalledOff: (run: Run) => void;
}

/** Ends messages before their runs begin. */
export class EarlyAcknowledgement {
  constructor(
    private readonly settler: Settler,
    private readonly listeners: EarlyListeners,
  ) {}

  /** @returns calls the run off */
  begin(run: Run, wake: () => void): () => void {
    let isCalledOff = false;
    run.acknowledgement = 'asked';
    const { delivery } = run;
    const verb: SettleVerb = { kind: 'ack', certain: true };
    const bare: Settlement = { delivery, verb, results: [], publishes: [], joins: [] };
    this.settler.push(bare, (outcome, error) => {
      if (error !== undefined || outcome?.kind !== 'settled') {
        this.listeners.onRefused(run, outcome, error);
        run.abandoned = true;
      } else run.acknowledgement = 'done';
      if (!isCalledOff) wake();
      else if (run.acknowledgement === 'done') this.listeners.onCalledOff(run);
    });
    return () => {
      isCalledOff = true;
    };
  }
}
