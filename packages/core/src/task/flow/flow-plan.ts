/** What a key is made from; messages and calls have it. */
export interface FlowCall {
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
}

/** @throws LOVAGE_FLOW_KEY_INVALID */
export type NameOf = (call: FlowCall) => string;

export interface RatePlan {
  /** Name of the bucket. */
  readonly nameOf: NameOf;
  readonly intervalMs: number;
  readonly burst: number;
  readonly shared: boolean;
  readonly failOpen: boolean;
}

/** So many at once. */
export interface SlotPlan {
  /** Beginning of the names of the slots' leases. */
  readonly nameOf: NameOf;
  readonly limit: number;
  readonly failOpen: boolean;
  /** When none is free the task fails with LOVAGE_TASK_NOT_UNIQUE. */
  readonly reject: boolean;
}

/** One at a time from the sending on. */
export interface PlacePlan {
  /** Name of the lease; its owner is the id of the task. */
  readonly nameOf: NameOf;
  readonly until: 'begun' | 'ended';
  readonly onConflict: 'return-existing' | 'reject' | 'replace';
  readonly ttlMs: number;
  /** A lease with less than this left may be one whose task was never sent, since its sender has died. */
  readonly unsureMs: number;
  readonly failOpen: boolean;
}

export interface DebouncePlan {
  /** Name of the lease; its owner says which call is the last. */
  readonly nameOf: NameOf;
  readonly waitMs: number;
  /** `undefined`: without end. */
  readonly maxWaitMs: number | undefined;
}

/** The flow control of one task, read once from its options. */
export interface FlowPlan {
  readonly rate: RatePlan | undefined;
  /** All that it needs at once, in the order in which it is taken. */
  readonly slots: readonly SlotPlan[];
  readonly place: PlacePlan | undefined;
  readonly debounce: DebouncePlan | undefined;
  /** Whether a ledger is needed. */
  readonly needsLedger: boolean;
}
