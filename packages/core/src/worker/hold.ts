/**
 * A delivery that may not begin yet, for a reason that only this worker knows. It is kept outside of the slots until it is
 * woken, and then passes all admission steps again.
 */
export interface Hold {
  readonly kind: 'held';
  /** It is over in a moment, whatever happens: an answer of a store is waited for. */
  readonly brief?: boolean | undefined;
  /** Once woken it can not be held back any more: a slot is kept for it meanwhile. */
  readonly takesSlot?: boolean | undefined;
  /**
   * Called once. Calls `wake` when the delivery may be looked at again, in a later turn.
   *
   * @returns ends the waiting, when the delivery is handed back or lost; `wake` must not be called any more
   */
  readonly wait: (wake: () => void) => () => void;
}
