import { type Account, accountFor } from '../check/account.js';
import { RunFolder } from '../check/run-folder.js';
import type { FaultLog } from '../faults/fault-log.js';
import type { FaultKind } from '../faults/fault-record.js';
import { ProducerLine } from './producer-line.js';
import { RunStage, withBroker } from './run-stage.js';
import type { Settings } from './settings.js';
import { untilQuiet } from './until-quiet.js';

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
  return await withBroker(settings, async (broker) => {
    const { sendsAgain } = broker;
    const stage = new RunStage(broker, settings, new RunFolder(path), { sendsAgain }, settings.keepsResults);
    return await runOn(stage, settings, tell);
  });
}

async function runOn(
  stage: RunStage,
  settings: Settings,
  tell: (line: string) => void,
): Promise<FinishedRun> {
  const { broker, folder, fleet, watch, log } = stage;
  const { seed, keepsResults, tasks, rate } = settings;
  const stores = { broker: broker.url, results: broker.resultsUrl };
  const producers = new ProducerLine(
    { folder: folder.path, ...stores, keepsResults, seed, from: 0, to: tasks, rate },
    log,
  );
  try {
    await stage.begin(() => {
      const { sent, confirmed, ended } = watch.progress;
      tell(`sent ${sent}, confirmed ${confirmed}, ended ${ended}, faults ${log.records.length}`);
    });
    const began = performance.now();
    await producers.start();
    watch.start();
    await stage.disturb(async () => await producers.kill());
    await producers.finished;
    await fleet.settled();
    const sentAt = performance.now();
    await untilQuiet(broker, () => watch.progress);
    const drainMs = performance.now() - sentAt;
    await stage.keepWhatIsThere();
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
    await producers.abandon();
    await stage.abandon();
  }
}

function countByKind({ records }: FaultLog): FinishedRun['faults'] {
  const counts: Partial<Record<FaultKind, number>> = {};
  for (const { kind } of records) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}
