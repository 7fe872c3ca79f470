import type { Harness, HarnessFactory } from './harness.js';

/** One promise of a port, and how to see whether it is kept. */
export interface ConformanceCase {
  /** States the behaviour; unique within its suite. */
  readonly name: string;
  readonly run: (harness: Harness) => Promise<void>;
}

/** Runs a case with a store of its own. Rejects when the promise is broken, or when something is left open afterwards. */
export async function runCase(factory: HarnessFactory, { run }: ConformanceCase): Promise<void> {
  const harness = await factory.create();
  try {
    await run(harness);
  } catch (error) {
    // What made the case fail is the news; what it left behind is not.
    await harness.dispose().catch(() => undefined);
    throw error;
  }
  await harness.dispose();
}
