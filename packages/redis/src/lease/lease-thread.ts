import { parentPort, workerData } from 'node:worker_threads';
import { SystemClock } from '@lovage/core';
import { RedisLink } from '../connection/redis-link.js';
import type { LeaseCommand, LeaseNotice, LeaseThreadData } from './lease-messages.js';
import { LeaseRenewer } from './lease-renewer.js';

// Entry of the thread that keeps the leases of a process, whatever its event loop does.

const { target, leaseMs, visibilityTimeoutMs } = workerData as LeaseThreadData;
const clock = new SystemClock();
const renewer = new LeaseRenewer({
  link: new RedisLink({ target, clock, role: 'lease' }),
  clock,
  run: async (link, script, deadline, args) =>
    await link.call(
      script.name,
      deadline,
      async (redis) => await script.run(redis, `${target.keyPrefix}lovage`, args),
    ),
  leaseMs,
  visibilityTimeoutMs,
  onLost: (owner) => parentPort?.postMessage({ lost: owner } satisfies LeaseNotice),
});

parentPort?.on('message', (command: LeaseCommand) => {
  if (command.kind === 'add') renewer.add(command.owner, clock.monoNow());
  else if (command.kind === 'remove') renewer.remove(command.owner);
  else {
    renewer.close();
    parentPort?.close();
  }
});
