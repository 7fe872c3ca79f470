/** The queue of every contender; each run begins with an empty server. */
export const queueName = 'bench';
/** The task of every contender: gives back the number that it was called with. */
export const taskName = 'bench.echo';

/** Variants of one contender. */
export interface ContenderOptions {
  /** Lovage only: keep that an id was sent. Default: Lovage's default. */
  readonly trackSent?: boolean;
}

/** What sends tasks. */
export interface Producer {
  /** Resolves when the server has the task; the value is its only argument. */
  send(value: number): Promise<unknown>;
  /** The contender's own way to send many, where it has one. */
  sendMany?(values: readonly number[]): Promise<unknown>;
  /** The same, each to begin at `dueMs` (milliseconds since 1970 UTC). Absent: it can not delay. */
  delayMany?(values: readonly number[], dueMs: number): Promise<unknown>;
  /** Resolves with the task's result. Absent: it has no results. */
  roundTrip?(value: number): Promise<unknown>;
  close(): Promise<void>;
}

export interface WorkerOptions {
  readonly concurrency: number;
  /** Called by the task. */
  readonly onStart: (value: number) => void;
  /** Called when the task's end, with its result where there is one, is stored. */
  readonly onDone: () => void;
}

/** What runs tasks, from the moment it is there until it is closed. */
export interface RunningWorker {
  close(): Promise<void>;
}

/** One queue that is compared. */
export interface Contender {
  /** @param waits whether results will be waited for */
  openProducer(url: string, waits: boolean): Promise<Producer>;
  openWorker(url: string, options: WorkerOptions): Promise<RunningWorker>;
  /** What a reader of the figures must know and can not see, found out on the spot. */
  note?(url: string): Promise<string | undefined>;
}
