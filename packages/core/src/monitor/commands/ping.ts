import { type ControlCommand, ok } from '../control-command.js';

export const ping: ControlCommand = { name: 'ping', run: () => ok('pong') };
