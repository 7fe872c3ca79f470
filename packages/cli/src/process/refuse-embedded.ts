import { isEmbedded, type TaskApp } from '@lovage/core';
import { STORE_EMBEDDED } from '../errors/cli-errors.js';

/**
 * Refuses an app whose stores live in its own process: a process of its own would have others.
 *
 * @throws LOVAGE_STORE_EMBEDDED
 */
export function refuseEmbedded(
  settings: TaskApp['settings'],
  options: readonly ('broker' | 'results')[],
  what: 'worker' | 'beat',
): void {
  for (const option of options) {
    const url = settings[option];
    if (url !== false && isEmbedded(url)) throw STORE_EMBEDDED.create({ option, what });
  }
}
