import { brokerNamed } from '../brokers/broker-table.js';
import type { BrokerUnderTest } from '../brokers/broker-under-test.js';
import { RunFolder } from '../check/run-folder.js';
import { FaultLog } from '../faults/fault-log.js';
import { planFaults } from '../faults/fault-plan.js';
import { doFaults } from '../run/do-faults.js';
import { Random } from '../run/random.js';
import { RunWatch } from '../run/run-watch.js';
import { untilQuiet } from '../run/until-quiet.js';
import { WorkerFleet } from '../run/worker-fleet.js';
import { accountForChords, type ChordAccount } from './chord-account.js';
import { ChordSender } from './chord-sender.js';
import type { ChordRunSettings } from './chord-settings.js';

/** A run that is over. */
export interface FinishedChords {
  readonly account: ChordAccount;
  /** Output of workers that ended by themselves. */
  readonly deaths: readonly string[];
}

/** Longer than any task, so that SIGTERM makes none run twice. */
const drainMs = 10_000;
const tellEveryMs = 5000;

/**
 * Sends chords, kills workers, waits until all is quiet, and accounts for each chord.
 *
 * @param path folder for the evidence; must be empty
 * @throws Error when the run itself could not be done
 */
export async function runChords(
  settings: ChordRunSettings,
  path: string,
  tell: (line: string) => void,
): Promise<FinishedChords> {
  const broker = await brokerNamed(settings.broker)(settings);
  try {
    return await runOn(broker, settings, new RunFolder(path), tell);
  } finally {
    await broker.close();
  }
}

async function runOn(
  broker: BrokerUnderTest,
  settings: ChordRunSettings,
  folder: RunFolder,
  tell: (line: string) => void,
): Promise<FinishedChords> {
  const { seed, leaseMs, workers, concurrency, maxDeliveries, kills, faults, restarts, rate } = settings;
  const { sweepMs, cutTakesWork } = broker;
  const stallMs = leaseMs / 3;
  folder.writeHeading({ leaseMs, sweepMs, keepsResults: true, cutTakesWork });
  const log = new FaultLog(folder);
  const stores = { broker: broker.url, results: broker.resultsUrl };
  const fleet = new WorkerFleet(
    workers,
    {
      folder: folder.path,
      ...stores,
      keepsResults: true,
      seed,
      concurrency,
      maxDeliveries,
      drainMs,
      stallMs,
    },
    log,
    new Random(seed),
  );
  const sender = await ChordSender.open(stores, settings, folder);
  // The sender looks at the results.
  const watch = new RunWatch(folder, broker, false, stallMs);
  const telling = setInterval(() => {
    const { sent, confirmed, ended } = watch.progress;
    tell(`chords sent ${sent}, confirmed ${confirmed}; tasks ended ${ended}, faults ${log.records.length}`);
  }, tellEveryMs);
  try {
    await fleet.fill();
    await fleet.oneReady();
    watch.start();
    const steps = planFaults(kills, faults, new Random(seed + 1), restarts);
    await Promise.all([sender.sendAll(rate), doFaults(steps, { broker, leaseMs, fleet, log })]);
    await fleet.settled();
    await sender.told(() => watch.progress.ended);
    await untilQuiet(broker);
    await watch.close();
    folder.append('messages', await broker.messages());
    folder.append('results', await broker.results());
    const kept = await broker.openChords();
    await fleet.close();
    return { account: accountForChords(settings, folder.read(), kept), deaths: fleet.deaths };
  } finally {
    clearInterval(telling);
    await watch.close();
    await sender.close();
    await fleet.abandon();
  }
}
