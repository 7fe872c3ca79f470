/** Set in the realm of a child before its application is made; a symbol of all copies of this library. */
const mark = Symbol.for('lovage.pool-child');

/** Whether this process or thread is a child of a pool: its application executes tasks for its parent, and consumes nothing. */
export function insidePoolChild(): boolean {
  return (globalThis as Record<symbol, unknown>)[mark] === true;
}

/** Called once, by what a child runs. */
export function markPoolChild(): void {
  Object.defineProperty(globalThis, mark, { value: true });
}
