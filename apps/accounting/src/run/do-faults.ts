import type { BrokerUnderTest } from '../brokers/broker-under-test.js';
import type { FaultLog } from '../faults/fault-log.js';
import type { FaultStep } from '../faults/fault-plan.js';
import type { FaultKind } from '../faults/fault-record.js';
import type { WorkerFleet } from './worker-fleet.js';

/** What faults are done to. */
export interface FaultTargets {
  readonly broker: BrokerUnderTest;
  readonly leaseMs: number;
  readonly fleet: WorkerFleet;
  readonly log: FaultLog;
  /** Default: there is none to be killed. */
  readonly killProducer?: (() => Promise<void>) | undefined;
}

/** Does one after the other. */
export async function doFaults(
  steps: readonly FaultStep[],
  { broker, leaseMs, fleet, log, killProducer }: FaultTargets,
): Promise<void> {
  const frozenMs = leaseMs * 1.5 + broker.sweepMs;
  const acts: Readonly<Record<Exclude<FaultKind, 'died'>, () => Promise<void>>> = {
    kill: async () => await fleet.kill(),
    terminate: async () => await fleet.terminate(),
    freeze: async () => await fleet.freeze(frozenMs),
    clients: async () => await log.during('clients', '*', async () => await broker.cutClients()),
    producer: async () => await killProducer?.(),
    'broker-restart': async () =>
      await log.during('broker-restart', '*', async () => await broker.restart('stop')),
    'broker-kill': async () => await log.during('broker-kill', '*', async () => await broker.restart('kill')),
  };
  for (const { kind, pauseMs } of steps) {
    await new Promise<void>((resolve) => setTimeout(resolve, pauseMs));
    if (kind !== 'died') await acts[kind]();
  }
}
