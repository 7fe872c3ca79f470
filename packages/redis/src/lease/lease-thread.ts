import { parentPort, workerData } from 'node:worker_threads';
import { Deadline, SystemClock } from '@lovage/core';
import { RedisLink } from '../connection/redis-link.js';
import type { LeaseCommand, LeaseNotice, LeaseThreadData } from './lease-messages.js';
import { LeaseRenewer } from './lease-renewer.js';

// Entry of the thread that keeps the leases of a process, whatever its event loop does.

const { target, leaseMs, visibilityTimeoutMs } = workerData as LeaseThreadData;
const clock = new SystemClock();
const link = new RedisLink({ target, clock, role: 'lease' });
// reason: a thread has no origin.
// oxlint-disable-next-line require-post-message-target-origin
const tell = (notice: LeaseNotice): void => parentPort?.postMessage(notice);
const renewer = new LeaseRenewer({
  link,
  clock,
  run: async (_link, script, deadline, args) =>
    await link.call(
      script.name,
      deadline,
      async (redis) => await script.run(redis, `${target.keyPrefix}lovage`, args),
    ),
  leaseMs,
  visibilityTimeoutMs,
  onLost: (owner) => tell({ kind: 'lost', owner }),
});

parentPort?.on('message', (command: LeaseCommand) => {
  if (command.kind === 'add') renewer.add(command.owner, clock.monoNow());
  else if (command.kind === 'remove') renewer.remove(command.owner);
  else {
    renewer.close();
    parentPort?.close();
  }
});

// Without a connection it is ready all the same: the renewals go on trying.
const ready = (): void => tell({ kind: 'ready' });
link.open(Deadline.in(clock, leaseMs)).then(ready, ready);
