/** A message of a tick of which nobody knows that it was sent. */
export interface Unsent {
  /** See `writePublication`. */
  readonly message: string;
  /** Task id by which a copy of the message strikes it out; absent where no copy comes. */
  readonly taskId?: string | undefined;
  readonly attempts: number;
  /** When it was recorded or last taken over. */
  readonly atMs: number;
  /** What its record was before: kind, id, version that the tick made, value before (null: none). */
  readonly before?: readonly [string, string, number, string | null] | undefined;
}

/** Messages of ticks that may still have to be sent, by the key of their tick; the oldest first. */
export class UnsentTable {
  private readonly byKey: Map<string, Unsent>;
  private readonly keysByTaskId = new Map<string, string>();

  constructor(entries: readonly (readonly [string, Unsent])[]) {
    this.byKey = new Map(entries);
    for (const [key, { taskId }] of this.byKey) if (taskId !== undefined) this.keysByTaskId.set(taskId, key);
  }

  get size(): number {
    return this.byKey.size;
  }

  has(key: string): boolean {
    return this.byKey.has(key);
  }

  all(): readonly (readonly [string, Unsent])[] {
    return [...this.byKey];
  }

  /** When the first of them was recorded; `undefined`: there is none. */
  get oldestMs(): number | undefined {
    for (const { atMs } of this.byKey.values()) return atMs;
    return undefined;
  }

  add(key: string, unsent: Unsent): void {
    this.byKey.set(key, unsent);
    if (unsent.taskId !== undefined) this.keysByTaskId.set(unsent.taskId, key);
  }

  /** Strikes out what was sent. */
  strike(key: string): Unsent | undefined {
    const unsent = this.byKey.get(key);
    this.byKey.delete(key);
    if (unsent?.taskId !== undefined) this.keysByTaskId.delete(unsent.taskId);
    return unsent;
  }

  /** A copy has come: its message was put into its queue by the same publish. */
  strikeByCopy(taskId: string): void {
    const key = this.keysByTaskId.get(taskId);
    if (key !== undefined) this.strike(key);
  }

  /** @param attempts as the one who asks has read them @returns whether it is his now */
  takeOver(key: string, attempts: number, nowMs: number): boolean {
    const unsent = this.byKey.get(key);
    if (unsent?.attempts !== attempts) return false;
    this.byKey.delete(key);
    this.byKey.set(key, { ...unsent, attempts: attempts + 1, atMs: nowMs });
    return true;
  }
}
