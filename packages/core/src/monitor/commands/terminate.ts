import type { ControlCommand } from '../control-command.js';
import { revokeTasks } from './revoke.js';

/** `terminate(signal, task_id)`: revoke with terminate. */
export const terminate: ControlCommand = {
  name: 'terminate',
  run: async (call) => await revokeTasks(call, true),
};
