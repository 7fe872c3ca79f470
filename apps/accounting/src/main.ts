import { randomInt } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { artifactsFolder } from '@lovage/services';
import { asksForBeats, type BeatRunSettings, beatUsage, readBeatRun } from './beats/beat-settings.js';
import { runBeats } from './beats/run-beats.js';
import { holds, tickVerdict } from './beats/tick-account.js';
import { asksForChords, type ChordRunSettings, chordUsage, readChordRun } from './chords/chord-settings.js';
import { runChords } from './chords/run-chords.js';
import { chordStatus, tellChords } from './chords/tell-chords.js';
import { type Account, accountFor } from './check/account.js';
import { RunFolder } from './check/run-folder.js';
import { exitStatus, verdictLine } from './check/verdict.js';
import { runAccounting } from './run/run-accounting.js';
import { readRequest, type Request, type Settings, usage } from './run/settings.js';
import { writeSummary } from './run/summary.js';

const tell = (line: string): void => console.log(line);

async function run(settings: Settings): Promise<number> {
  const { broker, seed, tasks, kills, workers, concurrency, leaseMs, rate } = settings;
  const folder = newFolder(broker, seed);
  tell(
    `seed ${seed}: ${tasks} tasks, ${rate} a second, ${kills} kills, ${workers} workers × ${concurrency}, lease ${leaseMs} ms`,
  );
  const finished = await runAccounting(settings, folder, tell);
  const { account, deaths } = finished;
  const status = deaths.length > 0 || account.sent < tasks ? 1 : exitStatus(account);
  const summary = writeSummary(folder, settings, finished, new RunFolder(folder).read(), status);
  for (const death of deaths) tell(`ended by itself: ${death}`);
  tellFindings(account);
  if (status === 0 && !settings.keep) forgetEvidence(folder);
  else tell(`evidence: ${folder}`);
  tell(`summary: ${summary}`);
  tell(verdictLine(account));
  return status;
}

function newFolder(broker: string, seed: number): string {
  const name = `${broker}-${seed}-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`;
  const folder = join(artifactsFolder('accounting'), name);
  mkdirSync(folder);
  return folder;
}

function check(folder: string): number {
  const account = accountFor(new RunFolder(resolve(folder)).read());
  tellFindings(account);
  tell(verdictLine(account));
  return exitStatus(account);
}

const some = (ids: readonly string[]): string => ids.slice(0, 5).join(' ');

function tellFindings({
  lost,
  stuck,
  lostWithBroker,
  unexpected,
  flipFlops,
  unexplained,
  explained,
  recovery,
}: Account): void {
  if (lost.length > 0) tell(`lost (${stuck.length} of them still wait in the broker): ${some(lost)}`);
  if (lostWithBroker.length > 0)
    tell(`of these ${lostWithBroker.length} were confirmed less than 2 s before the broker was killed`);
  if (unexpected.length > 0) tell(`never sent: ${some(unexpected)}`);
  if (flipFlops.length > 0) tell(`result changed: ${some(flipFlops)}`);
  for (const { id, runs } of unexplained.slice(0, 5)) {
    tell(`started again for no known reason: ${id} ${runs.map(({ token }) => token).join(' ')}`);
  }
  tell(`started again because of: ${JSON.stringify(explained)}`);
  const { count, p50Ms, p99Ms, maxMs, boundMs, late } = recovery;
  tell(
    `killed work began again (${count}): p50 ${p50Ms}, p99 ${p99Ms}, longest ${maxMs} ms; ${late} beyond ${boundMs} ms`,
  );
}

/** Leaves the summary. */
function forgetEvidence(folder: string): void {
  for (const name of readdirSync(folder)) if (name !== 'summary.json') rmSync(join(folder, name));
}

async function accountForBeats(args: readonly string[]): Promise<number> {
  let settings: BeatRunSettings;
  try {
    settings = readBeatRun(args);
  } catch (error) {
    return refuse(error, beatUsage);
  }
  const { broker, beats, schedules, kills, pauses, leaseMs } = settings;
  tell(
    `${beats} beats on ${broker}, ${schedules} schedules, ${kills} kills, ${pauses} pauses, lease ${leaseMs} ms`,
  );
  const { account, deaths } = await runBeats(settings, tell);
  for (const death of deaths) tell(`ended by itself: ${death}`);
  for (const { schedule, dueMs } of account.missed.slice(0, 5))
    tell(`missed: ${schedule} due ${new Date(dueMs).toISOString()}`);
  if (account.duplicated.length > 0) tell(`sent twice: ${some(account.duplicated)}`);
  for (const { schedule, dueMs, lateMs, again } of account.late
    .toSorted((a, b) => a.dueMs - b.dueMs)
    .slice(0, 40))
    tell(
      `late: ${schedule} due ${new Date(dueMs).toISOString()} by ${lateMs} ms${again ? ', taken over' : ''}`,
    );
  if (account.unexpected.length > 0) tell(`no tick of any schedule: ${some(account.unexpected)}`);
  tell(tickVerdict(account));
  return holds(account) && deaths.length === 0 ? 0 : 1;
}

async function accountForChordRun(args: readonly string[]): Promise<number> {
  let settings: ChordRunSettings;
  try {
    settings = readChordRun(args, randomInt(2 ** 32));
  } catch (error) {
    return refuse(error, chordUsage);
  }
  const { broker, seed, chords, size, kills, workers, concurrency, leaseMs } = settings;
  const folder = newFolder(broker, seed);
  tell(
    `seed ${seed}: ${chords} chords of ${size}, ${kills} kills, ${workers} workers × ${concurrency}, lease ${leaseMs} ms`,
  );
  const finished = await runChords(settings, folder, tell);
  const status = chordStatus(finished);
  if (status === 0) rmSync(folder, { recursive: true });
  else tell(`evidence: ${folder}`);
  tellChords(finished, tell);
  return status;
}

async function accountForTasks(args: readonly string[]): Promise<number> {
  let request: Request;
  try {
    request = readRequest(args, randomInt(2 ** 32));
  } catch (error) {
    return refuse(error, usage);
  }
  if (request.kind === 'check') return check(request.folder);
  if (request.kind === 'run') return await run(request.settings);
  tell([usage, beatUsage, chordUsage].join('\n'));
  return 0;
}

/** Says what is wrong with the arguments. */
function refuse(error: unknown, hint: string): 2 {
  console.error(`${error instanceof Error ? error.message : String(error)}\n${hint}`);
  return 2;
}

const args = process.argv.slice(2);
if (asksForBeats(args)) process.exitCode = await accountForBeats(args);
else if (asksForChords(args)) process.exitCode = await accountForChordRun(args);
else process.exitCode = await accountForTasks(args);
