import { type ControlCall, type ControlCommand, ok, textList } from '../control-command.js';

/** `revoke(task_id, terminate=False, signal=None)`. The signal is one of processes: which of them ends a task is the pool's. */
export const revoke: ControlCommand = {
  name: 'revoke',
  run: async (call) => await revokeTasks(call, call.args['terminate'] === true),
};

/** Records it, so that it holds for workers that start later, and tells in Celery's words what became of it. */
export async function revokeTasks(
  { worker, args, recorded }: ControlCall,
  terminate: boolean,
): Promise<unknown> {
  const taskIds = textList(args['task_id']);
  const running = terminate ? worker.running(taskIds) : [];
  if (!recorded) await worker.revoke(taskIds, terminate);
  // When it is recorded the ledger tells it, too, but perhaps later.
  if (running.length > 0) worker.terminate(running);
  if (!terminate) return ok(`tasks ${taskIds.join(', ')} flagged as revoked`);
  return ok(running.length === 0 ? 'terminate: tasks unknown' : `terminate: ${running.join(', ')}`);
}
