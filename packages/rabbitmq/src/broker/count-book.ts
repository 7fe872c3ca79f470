/** What is known of the deliveries of one message that the broker has taken back. */
export interface KnownDeliveries {
  /** Earlier deliveries that count. */
  readonly counted: number;
  /** Somebody was handed it before. */
  readonly handed: boolean;
}

/**
 * What is noted of a message, under its key.
 *
 * - `taken`  somebody has it once more: unless he says otherwise, this delivery counts. With `below` only if fewer count so far; else nothing
 *            is noted, and he only learns what is known
 * - `known`  from now on this is what its next taker is to know
 * - `gone`   there will be no more deliveries
 */
export type CountOperation =
  | readonly ['taken', key: string, below?: number]
  | readonly ['known', key: string, counted: number, handed: 0 | 1]
  | readonly ['gone', key: string];

/** Messages that are remembered; beyond that those of which nothing was heard for longest are forgotten. */
const mostKeys = 100_000;

/** A message of which nothing is noted: who had it died with it, for the first time. */
const firstDeath: KnownDeliveries = { counted: 1, handed: true };

/**
 * What all processes know of the deliveries of messages that came back, since all read the same notes in the same order.
 *
 * The broker marks such a message as redelivered and no more: whether its consumer died with it, or gave it back, whether
 * anybody has ever seen it, stands nowhere. So whoever takes it notes beforehand that the delivery counts, and notes otherwise
 * when he gives the message back: who dies can do nothing any more.
 */
export class CountBook {
  /** What the next taker is to know. */
  private readonly known = new Map<string, KnownDeliveries>();

  constructor(private readonly limit = mostKeys) {}

  get size(): number {
    return this.known.size;
  }

  /** Notes it; to who takes a message, what was known of it before. */
  apply(operation: CountOperation): KnownDeliveries | undefined {
    const key = operation[1];
    const before = this.known.get(key) ?? firstDeath;
    // The latest goes to the end.
    this.known.delete(key);
    const after = afterwards(operation, before);
    if (after !== undefined) this.known.set(key, after);
    this.forgetOldest();
    return operation[0] === 'taken' ? before : undefined;
  }

  private forgetOldest(): void {
    for (const key of this.known.keys()) {
      if (this.known.size <= this.limit) return;
      this.known.delete(key);
    }
  }
}

/** Whether the delivery of who takes a message counts at once. */
export const countsAtOnce = ({ counted }: KnownDeliveries, below = Infinity): boolean => counted < below;

function afterwards(operation: CountOperation, before: KnownDeliveries): KnownDeliveries | undefined {
  if (operation[0] === 'gone') return undefined;
  if (operation[0] === 'known') return { counted: operation[2], handed: operation[3] === 1 };
  return countsAtOnce(before, operation[2]) ? { counted: before.counted + 1, handed: true } : before;
}
