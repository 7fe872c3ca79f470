/**
 * What is known of the deliveries of one message that the broker has taken back.
 *
 * The broker marks such a message as redelivered and no more: whether its consumer died with it, or gave it back, whether
 * anybody has ever seen it, stands nowhere. So Lovage keeps notes beside it, as many as the number says:
 *
 * - 0  none: who had it died with it, for the first time
 * - 1  it was given back before anybody was handed it
 * - 2  it was given back, and no delivery counts
 * - n  n - 2 deliveries count
 *
 * Whoever is handed such a message writes beforehand that the delivery counts, and takes the note away when he gives the
 * message back: who dies can do nothing any more.
 */
export interface KnownDeliveries {
  /** Earlier deliveries that count. */
  readonly counted: number;
  /** Somebody was handed it before. */
  readonly handed: boolean;
}

const unseenNotes = 1;
const seenNotes = 2;

export function knownDeliveries(notes: number): KnownDeliveries {
  if (notes === 0) return { counted: 1, handed: true };
  if (notes === unseenNotes) return { counted: 0, handed: false };
  return { counted: notes - seenNotes, handed: true };
}

/** Notes while it is in hand: this delivery counts, unless it is given back. */
export const notesInHand = (notes: number): number => knownDeliveries(notes).counted + 1 + seenNotes;

/** Notes after it was given back, so that this delivery does not count. */
export const notesGivenBack = (inHand: number | undefined): number =>
  inHand === undefined ? seenNotes : Math.max(seenNotes, inHand - 1);

/** Notes after it was given back although nobody was handed it. @param before notes when it came; `undefined`: for the first time */
export function notesUnseen(before: number | undefined): number {
  if (before === undefined) return unseenNotes;
  return before === 0 ? knownDeliveries(0).counted + seenNotes : before;
}
