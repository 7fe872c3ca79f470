/** What one contender does, in a process of its own. Values are numbers from 1; a task gives back its argument. */
export interface RabbitContender {
  /** Resolves when the broker has confirmed all, with `inFlight` on their way at once. */
  send(count: number, inFlight: number): Promise<void>;
  /** It takes the whole queue at once, and ends most tasks in one moment: measured from its start, not from the end of the first quarter. */
  readonly takesAll?: boolean;
  /** Works off what is in the queue, and calls `onDone` for each. */
  work(onDone: () => void): Promise<() => Promise<void>>;
  /** Sends one task and waits for its value. */
  roundTrip?(): Promise<{ call(value: number): Promise<unknown>; close(): Promise<void> }>;
}

export interface Urls {
  /** Of RabbitMQ. */
  readonly broker: string;
  /** Of Redis, for results. */
  readonly results: string;
}

export const queueName = 'bench';
export const taskName = 'bench.echo';
export const concurrency = 100;
