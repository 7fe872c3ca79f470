import type { AppOptions, BeatOptions } from '@lovage/core';
import type { BeatFlags } from './beat-flags.js';

/** The options of an app that is a beat now and nothing else: flags first, then what the app says. */
export function asBeat(given: AppOptions, { broker = given.broker, name, lease }: BeatFlags): AppOptions {
  const own: BeatOptions = typeof given.beat === 'object' ? given.beat : {};
  return {
    ...given,
    broker,
    ...(broker !== given.broker && given.results === given.broker && { results: broker }),
    worker: false,
    beat: { ...own, ...(name !== undefined && { name }), ...(lease !== undefined && { lease }) },
  };
}
