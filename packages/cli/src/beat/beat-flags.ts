import type { Duration } from '@lovage/core';
import type { Flag } from '../flags/flag.js';
import { duration, oneOf } from '../flags/read-value.js';
import { appFlag } from '../flags/worker-flags.js';
import { type LogLevel, logLevels } from '../log/log-level.js';

/** What `lovage beat` was told; all that is not told is for the app to say. */
export interface BeatFlags {
  readonly app?: string;
  readonly broker?: string;
  readonly name?: string;
  readonly lease?: Duration;
  readonly loglevel?: LogLevel;
  readonly quiet?: boolean;
}

const text = (value: string): string => {
  if (value === '') throw new Error('expected text that is not empty');
  return value;
};

/** Options of `lovage beat`. */
export const beatFlags: readonly Flag[] = [
  appFlag,
  {
    flags: '-b, --broker <url>',
    env: 'LOVAGE_BROKER',
    about: 'URL of the broker, in place of the app’s',
    read: text,
  },
  {
    flags: '--name <name>',
    env: 'LOVAGE_BEAT_NAME',
    about: 'beats of one name share their schedules, and one of them leads; default beat',
    read: text,
  },
  {
    flags: '--lease <seconds>',
    env: 'LOVAGE_BEAT_LEASE',
    about: 'how long the others wait for a leader that does not answer; default 6',
    read: duration,
  },
  {
    flags: '-l, --loglevel <level>',
    env: 'LOVAGE_LOGLEVEL',
    about: 'debug, info, warning, error, critical; default info',
    read: oneOf(logLevels),
  },
  { flags: '-q, --quiet', env: 'LOVAGE_QUIET', about: 'no banner' },
];
