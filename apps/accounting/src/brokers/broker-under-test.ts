import type { KeptResult, Place, PlacedMessage } from '../check/run-record.js';

export interface BrokerOptions {
  readonly leaseMs: number;
  readonly fsync: 'everysec' | 'always';
}

/** A broker with its result store that a run has started for itself. Looked at without any code of the driver under test. */
export interface BrokerUnderTest {
  /** URL for the apps. */
  readonly url: string;
  /** URL of the result store, where it is another one. */
  readonly resultsUrl?: string | undefined;
  /** What a consumer has in hand is its own only as long as its connection lives. */
  readonly cutTakesWork?: boolean | undefined;
  /** What it had not confirmed when a connection was lost is published once more, and it does not see that. */
  readonly sendsAgain?: boolean | undefined;
  /** Name and version of the program. */
  readonly version: string;
  /** Longest time between two looks for abandoned work, in milliseconds. */
  readonly sweepMs: number;
  /** Closes all connections of clients. */
  cutClients(): Promise<void>;
  /** Ends it, in order or by SIGKILL, and starts it again with the same data. Resolves when it answers. */
  restart(how: 'stop' | 'kill'): Promise<void>;
  /** How many messages there are in each place. */
  counts(): Promise<Readonly<Record<Place, number>>>;
  /** All messages. */
  messages(): Promise<readonly PlacedMessage[]>;
  /** Results of these tasks, or of all; those that it does not have are missing. */
  results(ids?: readonly string[]): Promise<readonly KeptResult[]>;
  /** Chords that the result store has been told to begin and not to close. */
  openChords(): Promise<number>;
  close(): Promise<void>;
}

/** Brings a broker up for one run. */
export type StartBroker = (options: BrokerOptions) => Promise<BrokerUnderTest>;
