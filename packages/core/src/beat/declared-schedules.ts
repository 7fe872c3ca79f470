import type { PeriodicEntry } from './periodic-entry.js';
import type { Schedules } from './schedules.js';

/** Calls to the ledger at once. */
const atOnce = 32;

/**
 * Makes the ledger hold what the code declares.
 *
 * What is new is added. What the code has changed since it was declared last is changed, and stays paused if it is. What somebody
 * has changed while running stays until the code changes. What the code declares no more is deleted: beats that
 * declare different things need different names.
 */
export async function keepInStep(
  declared: ReadonlyMap<string, PeriodicEntry>,
  schedules: Schedules,
): Promise<void> {
  const kept = await schedules.keptDeclarations();
  const work: (() => Promise<void>)[] = [];
  for (const [name, entry] of declared)
    work.push(async () => await schedules.declare(name, entry, kept.get(name)));
  for (const name of kept.keys())
    if (!declared.has(name)) work.push(async () => await schedules.withdraw(name));
  for (let from = 0; from < work.length; from += atOnce)
    await Promise.all(work.slice(from, from + atOnce).map(async (one) => await one()));
}
