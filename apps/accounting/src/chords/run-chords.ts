import { RunFolder } from '../check/run-folder.js';
import { RunStage, withBroker } from '../run/run-stage.js';
import { untilQuiet } from '../run/until-quiet.js';
import { accountForChords, type ChordAccount } from './chord-account.js';
import { ChordSender } from './chord-sender.js';
import type { ChordRunSettings } from './chord-settings.js';

/** A run that is over. */
export interface FinishedChords {
  readonly account: ChordAccount;
  /** Output of workers that ended by themselves. */
  readonly deaths: readonly string[];
}

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
  const all = { ...settings, keepsResults: true };
  return await withBroker(all, async (broker) => {
    // The sender looks at the results.
    const stage = new RunStage(broker, all, new RunFolder(path), {}, false);
    return await runOn(stage, settings, tell);
  });
}

async function runOn(
  stage: RunStage,
  settings: ChordRunSettings,
  tell: (line: string) => void,
): Promise<FinishedChords> {
  const { broker, folder, fleet, watch, log } = stage;
  const stores = { broker: broker.url, results: broker.resultsUrl };
  const sender = await ChordSender.open(stores, settings, folder);
  try {
    await stage.begin(() => {
      const { sent, confirmed, ended } = watch.progress;
      tell(`chords sent ${sent}, confirmed ${confirmed}; tasks ended ${ended}, faults ${log.records.length}`);
    });
    watch.start();
    await Promise.all([sender.sendAll(settings.rate), stage.disturb()]);
    await fleet.settled();
    await sender.told(() => watch.progress.ended);
    await untilQuiet(broker);
    await stage.keepWhatIsThere();
    const kept = await broker.openChords();
    await fleet.close();
    return { account: accountForChords(settings, folder.read(), kept), deaths: fleet.deaths };
  } finally {
    await sender.close();
    await stage.abandon();
  }
}
