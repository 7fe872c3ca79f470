/** What happens to bytes that go one way through a {@link FaultProxy}. */
export interface DirectionConditions {
  /**
   * - `pass`: they arrive.
   * - `hold`: they wait in the proxy and in the kernel, and arrive after `heal`: a network that is away for a while.
   * - `swallow`: they are lost, the end of the stream included: the other side has vanished without a word. A connection
   *   that lost something cannot be mended; `heal` resets it.
   */
  readonly flow: 'pass' | 'hold' | 'swallow';
  /** Each chunk arrives so much later. */
  readonly delayMs: number;
  /** Up to so much is added to the delay. The order is kept. */
  readonly jitterMs: number;
  /** Written in pieces of so many bytes, one piece in a turn of the event loop. */
  readonly fragmentBytes: number;
}

/** All bytes arrive, at once and whole. */
export const calm: DirectionConditions = {
  flow: 'pass',
  delayMs: 0,
  jitterMs: 0,
  fragmentBytes: Number.POSITIVE_INFINITY,
};
