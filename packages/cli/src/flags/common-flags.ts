import { logLevels } from '../log/log-level.js';
import type { Flag } from './flag.js';
import { oneOf, port, someText } from './read-value.js';

/** How the outside is told whether a process does what it is for. */
export interface HealthFlags {
  readonly healthFile?: string;
  readonly healthPort?: number;
  readonly healthHost?: string;
}

/** The module to run; every command has it. */
export const appFlag: Flag = {
  flags: '-A, --app <file>',
  env: 'LOVAGE_APP',
  about: 'module with the app: dist/app.module.js, or dist/tasks.js:app where it exports several',
  read: someText,
};

export const brokerFlag: Flag = {
  flags: '-b, --broker <url>',
  env: 'LOVAGE_BROKER',
  about: 'URL of the broker, in place of the app’s',
  read: someText,
};

export const logLevelFlag: Flag = {
  flags: '-l, --loglevel <level>',
  env: 'LOVAGE_LOGLEVEL',
  about: 'debug, info, warning, error, critical; default info',
  read: oneOf(logLevels),
};

export const quietFlag: Flag = { flags: '-q, --quiet', env: 'LOVAGE_QUIET', about: 'no banner' };

/** @param purpose what it does while it is ready: `takes tasks` */
export const healthFlags = (who: string, purpose: string): readonly Flag[] => [
  {
    flags: '--health-file <file>',
    env: 'LOVAGE_HEALTH_FILE',
    about: `is there while the ${who} ${purpose}, and touched every 5 seconds while it lives`,
    read: someText,
  },
  {
    flags: '--health-port <port>',
    env: 'LOVAGE_HEALTH_PORT',
    about: 'answers GET /ready and GET /live',
    read: port,
  },
  {
    flags: '--health-host <address>',
    env: 'LOVAGE_HEALTH_HOST',
    about: 'address of --health-port; default 0.0.0.0',
    read: someText,
  },
];
