// npm run bench -- redis: Lovage on Redis beside other queues and the bare driver. See docs/benchmarks.md.
import { cpus, loadavg } from 'node:os';
import { RedisServer } from '@lovage/services';
import { printGoals } from './measure/report.js';
import { findEntrants, makeAgent, type Entrant } from './redis/cast.js';
import { readOptions, type SectionName } from './redis/options.js';
import { compareDelayed } from './redis/sections/delayed.js';
import { compareDepths } from './redis/sections/depth.js';
import { compareDrain } from './redis/sections/drain.js';
import { compareRoundTrips } from './redis/sections/round-trip.js';
import { compareSend } from './redis/sections/send.js';
import type { Stage } from './redis/stage.js';

const sections: Readonly<Record<SectionName, (stage: Stage) => Promise<void>>> = {
  send: compareSend,
  drain: compareDrain,
  'round-trip': compareRoundTrips,
  delayed: compareDelayed,
  depth: compareDepths,
};

const options = readOptions(process.argv.slice(2));
await using server = new RedisServer();
await server.start();
await describeMachine();
const entrants = findEntrants(options);
for (const entrant of entrants) await printNote(entrant);
for (const [name, run] of Object.entries(sections)) {
  if (!options.only.has(name as SectionName)) continue;
  try {
    await run({ server, entrants, options });
  } catch (error) {
    // What the other sections find is worth having.
    console.error(`section ${name}:`, error);
    process.exitCode = 1;
  }
}
console.log(`\nload at the end: ${load()}`);
printGoals();

async function describeMachine(): Promise<void> {
  const version = /redis_version:(\S+)/.exec(String(await server.command('INFO', 'server')))?.[1];
  const [first] = cpus();
  console.log(
    `node ${process.version}, redis ${version}, ${cpus().length} × ${first?.model.trim()}, load ${load()}`,
  );
  console.log(
    `${options.rounds} rounds and one to warm up${options.divisor > 1 ? ', small counts: no figures to keep' : ''}`,
  );
}

function load(): string {
  return loadavg()
    .map((value) => value.toFixed(2))
    .join(' ');
}

async function printNote(entrant: Entrant): Promise<void> {
  const agent = makeAgent(entrant, server.url);
  const note = await agent.ask('note', {});
  await agent.close();
  if (note !== null) console.log(`${entrant.name}: ${note}`);
}
