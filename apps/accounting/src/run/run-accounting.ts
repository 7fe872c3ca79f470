import { type Account, accountFor } from '../check/account.js';
import { RunFolder } from '../check/run-folder.js';
import type { BrokerUnderTest } from '../brokers/broker-under-test.js';
import { brokerNamed } from '../brokers/broker-table.js';
import { FaultLog } from '../faults/fault-log.js';
import { planFaults } from '../faults/fault-plan.js';
import type { FaultKind } from '../faults/fault-record.js';
import { doFaults } from './do-faults.js';
import { ProducerLine } from './producer-line.js';
import { Random } from './random.js';
import { RunWatch } from './run-watch.js';
import type { Settings } from './settings.js';
import { untilQuiet } from './until-quiet.js';
import { WorkerFleet } from './worker-fleet.js';

/** A run that is over. */
export interface FinishedRun {
  readonly account: Account;
  readonly brokerVersion: string;
  /** How often each kind of fault happened. */
  readonly faults: Readonly<Partial<Record<FaultKind, number>>>;
  /** Output of workers that ended by themselves. */
  readonly deaths: readonly string[];
  /** From the first task sent to the last, and from then until the broker was empty. */
  readonly loadMs: number;
  readonly drainMs: number;
}

/** Longer than any task, so that SIGTERM makes none run twice. */
const workerDrainMs = 10_000;
const tellEveryMs = 5000;

/**
 * Sends tasks, kills processes, waits until all is quiet, and accounts for each task.
 *
 * @param path folder for the evidence; must be empty
 * @throws Error when the run itself could not be done
 */
export async function runAccounting(
  settings: Settings,
  path: string,
  tell: (line: string) => void,
): Promise<FinishedRun> {
  const broker = await brokerNamed(settings.broker)(settings);
  try {
    return await runOn(broker, settings, new RunFolder(path), tell);
  } finally {
    await broker.close();
  }
}

async function runOn(
  broker: BrokerUnderTest,
  settings: Settings,
  folder: RunFolder,
  tell: (line: string) => void,
): Promise<FinishedRun> {
  const { seed, leaseMs, keepsResults } = settings;
  const { sweepMs, cutTakesWork, sendsAgain } = broker;
  folder.writeHeading({ leaseMs, sweepMs, keepsResults, cutTakesWork, sendsAgain });
  const log = new FaultLog(folder);
  const common = {
    folder: folder.path,
    broker: broker.url,
    results: broker.resultsUrl,
    keepsResults,
    seed,
  };
  const fleet = new WorkerFleet(
    settings.workers,
    {
      ...common,
      concurrency: settings.concurrency,
      maxDeliveries: settings.maxDeliveries,
      drainMs: workerDrainMs,
      stallMs: leaseMs / 3,
    },
    log,
    new Random(seed),
  );
  const producers = new ProducerLine({ ...common, from: 0, to: settings.tasks, rate: settings.rate }, log);
  const watch = new RunWatch(folder, broker, keepsResults, leaseMs / 3);
  const telling = setInterval(() => {
    const { sent, confirmed, ended } = watch.progress;
    tell(`sent ${sent}, confirmed ${confirmed}, ended ${ended}, faults ${log.records.length}`);
  }, tellEveryMs);
  try {
    await fleet.fill();
    await fleet.oneReady();
    const began = performance.now();
    await producers.start();
    watch.start();
    await doFaults(planFaults(settings.kills, settings.faults, new Random(seed + 1), settings.restarts), {
      broker,
      leaseMs,
      fleet,
      log,
      killProducer: async () => await producers.kill(),
    });
    await producers.finished;
    await fleet.settled();
    const sentAt = performance.now();
    await untilQuiet(broker, () => watch.progress);
    const drainMs = performance.now() - sentAt;
    await watch.close();
    folder.append('messages', await broker.messages());
    folder.append('results', await broker.results());
    await fleet.close();
    return {
      account: accountFor(folder.read()),
      brokerVersion: broker.version,
      faults: countByKind(log),
      deaths: fleet.deaths,
      loadMs: Math.round(sentAt - began),
      drainMs: Math.round(drainMs),
    };
  } finally {
    clearInterval(telling);
    await watch.close();
    await producers.abandon();
    await fleet.abandon();
  }
}

function countByKind({ records }: FaultLog): FinishedRun['faults'] {
  const counts: Partial<Record<FaultKind, number>> = {};
  for (const { kind } of records) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}
