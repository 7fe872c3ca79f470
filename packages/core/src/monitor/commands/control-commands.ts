import type { ControlCommand } from '../control-command.js';
import { ping } from './ping.js';
import { rateLimit } from './rate-limit.js';
import { poolGrow, poolShrink } from './resize-pool.js';
import { revoke } from './revoke.js';
import { revokeByStampedHeaders } from './revoke-by-stamped-headers.js';
import { terminate } from './terminate.js';
import { timeLimit } from './time-limit.js';

/** What a worker obeys. A new command is a file and a line here. */
export const controlCommands: ReadonlyMap<string, ControlCommand> = new Map(
  [ping, revoke, terminate, revokeByStampedHeaders, timeLimit, rateLimit, poolGrow, poolShrink].map(
    (command) => [command.name, command],
  ),
);
