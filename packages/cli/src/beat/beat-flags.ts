import type { Duration } from '@lovage/core';
import {
  appFlag,
  brokerFlag,
  type HealthFlags,
  healthFlags,
  logLevelFlag,
  quietFlag,
} from '../flags/common-flags.js';
import type { Flag } from '../flags/flag.js';
import { duration, someText } from '../flags/read-value.js';
import type { LogLevel } from '../log/log-level.js';

/** What `lovage beat` was told; all that is not told is for the app to say. */
export interface BeatFlags extends HealthFlags {
  readonly app?: string;
  readonly broker?: string;
  readonly name?: string;
  readonly lease?: Duration;
  readonly loglevel?: LogLevel;
  readonly quiet?: boolean;
}

/** Options of `lovage beat`. */
export const beatFlags: readonly Flag[] = [
  appFlag,
  brokerFlag,
  {
    flags: '--name <name>',
    env: 'LOVAGE_BEAT_NAME',
    about: 'beats of one name share their schedules, and one of them leads; default beat',
    read: someText,
  },
  {
    flags: '--lease <seconds>',
    env: 'LOVAGE_BEAT_LEASE',
    about: 'how long the others wait for a leader that does not answer; default 6',
    read: duration,
  },
  logLevelFlag,
  ...healthFlags('beat', 'leads, or waits to lead'),
  quietFlag,
];
