import type { ProcessLine } from '../evidence/evidence-line.js';
import type { FaultRecord } from '../faults/fault-record.js';

/** Where a message stands in the broker. */
export type Place = 'ready' | 'delayed' | 'unsettled' | 'parked';

/** A message that was in the broker when the run was over. */
export interface PlacedMessage {
  readonly id: string;
  readonly place: Place;
}

/** What the result store says of a task. */
export interface KeptResult {
  readonly id: string;
  /** `SUCCESS`, `FAILURE`, … */
  readonly state: string;
  /** Of a success its value: the token of the run that gave it. */
  readonly token: string;
}

/** All that is known of a run that is over. */
export interface RunRecord {
  readonly leaseMs: number;
  /** Longest time between two looks for abandoned work. */
  readonly sweepMs: number;
  /** False: there is no result store, so the end of a task shows in its END line and in that the broker no longer has it. */
  readonly keepsResults: boolean;
  /** What a consumer has in hand comes back when its connection is closed. */
  readonly cutTakesWork?: boolean | undefined;
  /** What was not confirmed when a connection was lost is published once more: the broker may have it twice. */
  readonly sendsAgain?: boolean | undefined;
  readonly lines: readonly ProcessLine[];
  readonly faults: readonly FaultRecord[];
  readonly messages: readonly PlacedMessage[];
  readonly results: readonly KeptResult[];
  /** Successes as they were seen while the run went on. */
  readonly sightings: readonly KeptResult[];
}
