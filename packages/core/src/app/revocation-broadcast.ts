import type { RevocationBroadcast } from '../client/revoker.js';
import type { RemoteControl } from '../monitor/remote-control.js';

/** Tells all workers in Celery's words what has been recorded in the ledger already. */
export const revocationBroadcast = (control: RemoteControl): RevocationBroadcast => ({
  revoke: async (taskIds, terminate) => {
    const args = { task_id: taskIds, terminate, signal: null };
    await control.cast('revoke', args, { recorded: true });
  },
  revokeByStamps: async (stamps, terminate) => {
    const args = { headers: stamps, terminate, signal: null };
    await control.cast('revoke_by_stamped_headers', args, { recorded: true });
  },
});
