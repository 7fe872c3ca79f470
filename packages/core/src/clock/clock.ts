declare const wall: unique symbol;
declare const mono: unique symbol;

/** Calendar time in milliseconds since 1970-01-01 UTC. Can jump; never used for durations. */
export type WallMs = number & { readonly [wall]: true };
/** Milliseconds of a clock that only moves forward. For durations and deadlines; means nothing in another process. */
export type MonoMs = number & { readonly [mono]: true };

/** Something that was scheduled and can be called off. Cancelling twice, or after it ran, is legal. */
export interface Timer {
  cancel(): void;
}

/** The only source of time in this library. Tests hand in a {@link VirtualClock}. */
export interface Clock {
  wallNow(): WallMs;
  monoNow(): MonoMs;
  /** Runs `action` once after `delayMs` (any length; below 0 counts as 0). A pending timer does not keep the process alive. */
  after(delayMs: number, action: () => void): Timer;
  /** Keeps the process alive until it is cancelled: for what works without being asked, such as a worker. */
  keepAlive(): Timer;
  /** Runs `action` after everything that is due in the present turn of the event loop. */
  endOfTurn(action: () => void): void;
}
