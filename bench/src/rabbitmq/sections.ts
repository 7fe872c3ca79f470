import { fileURLToPath } from 'node:url';
import { ChildProgram, type RabbitServer, type RedisServer } from '@lovage/services';
import { goal } from '../measure/report.js';
import { median, percentile } from '../measure/rounds.js';

export interface RabbitStage {
  readonly rabbit: RabbitServer;
  readonly redis: RedisServer;
  readonly rounds: number;
  /** Every count is divided by this. */
  readonly divisor: number;
  /** Only those whose names begin with one of these. */
  readonly contenders: readonly string[];
}

interface Figures {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly count: number;
  readonly times?: readonly number[];
}

interface Entrant {
  readonly name: string;
  /** How much less it is given to do, because it is slow. */
  readonly share: number;
}

const longestMs = 300_000;
const agent = fileURLToPath(new URL('agent.js', import.meta.url));
const pythonAgent = fileURLToPath(new URL('../../python/celery_rabbit_agent.py', import.meta.url));
/** How much more those are given to drain that are not slow. */
const longDrain = 4;
const all: readonly Entrant[] = [
  { name: 'lovage', share: 1 },
  { name: 'raw-amqplib', share: 1 },
  { name: 'raw-amqplib-bare', share: 1 },
  { name: 'nest-rmq', share: 1 },
  { name: 'celery-node', share: 0.5 },
  { name: 'celery', share: 0.1 },
];

/** A program of one contender. */
function programOf(name: string, operation: string, count: number, urls: readonly string[]): ChildProgram {
  const python = name === 'celery';
  return new ChildProgram({
    name: `${name} ${operation}`,
    command: python ? '/usr/bin/python3' : process.execPath,
    args: python
      ? ['-B', pythonAgent, operation, String(count), ...urls]
      : [agent, name, operation, String(count), ...urls],
  });
}

async function run(program: ChildProgram): Promise<Figures> {
  await program.start();
  const [line] = await program.waitForLine(/^\{.*\}$/, { withinMs: longestMs });
  await program.kill();
  return JSON.parse(line) as Figures;
}

/** Each in turn, each in a virtual host of its own, so that a machine that becomes slower in between touches all alike. */
async function inTurns(
  stage: RabbitStage,
  entrants: readonly Entrant[],
  act: (entrant: Entrant, urls: readonly string[]) => Promise<Figures>,
): Promise<ReadonlyMap<string, readonly Figures[]>> {
  const found = new Map<string, Figures[]>();
  for (let round = 0; round < stage.rounds; round += 1) {
    for (const entrant of entrants) {
      if (!stage.contenders.some((begin) => entrant.name.startsWith(begin))) continue;
      const vhost = await stage.rabbit.createVhost();
      await stage.redis.flush();
      try {
        const figures = await act(entrant, [vhost.url, stage.redis.url]);
        found.set(entrant.name, [...(found.get(entrant.name) ?? []), figures]);
      } catch (error) {
        const [what] = (error instanceof Error ? error.message : String(error)).split('\n---');
        console.error(`${entrant.name} is left out of this round: ${what ?? ''}`);
      }
      await stage.rabbit.deleteVhost(vhost.name);
    }
  }
  return found;
}

type Rounds = ReadonlyMap<string, readonly Figures[]>;

const of = (rounds: Rounds, name: string, pick: (figures: Figures) => number): number => {
  const figures = rounds.get(name) ?? [];
  return figures.length === 0 ? Number.NaN : median(figures.map(pick));
};
const rate = (rounds: Rounds, name: string): number =>
  of(rounds, name, ({ count, seconds }) => count / seconds);
const cpu = (rounds: Rounds, name: string): number =>
  of(rounds, name, ({ count, cpuSeconds }) => (1e6 * cpuSeconds) / count);

function print(title: string, rounds: Rounds): void {
  console.log(`\n${title}`);
  console.table(
    [...rounds.keys()].map((name) => ({
      contender: name,
      'per second': rate(rounds, name).toFixed(0),
      'CPU µs each': cpu(rounds, name).toFixed(1),
    })),
  );
}

export async function compareSend(stage: RabbitStage): Promise<void> {
  const rounds = await inTurns(stage, all, async ({ name, share }, urls) =>
    run(programOf(name, 'send', Math.round((20_000 * share) / stage.divisor), urls)),
  );
  print('send: calls a second, 100 in flight (Celery: one at a time), confirmed', rounds);
  const own = rate(rounds, 'lovage');
  goal('send, part of amqplib alone', own / rate(rounds, 'raw-amqplib'), { atLeast: 0.8 }, 2);
  goal('send, times Celery', own / rate(rounds, 'celery'), { atLeast: 5 }, 2);
}

export async function compareDrain(stage: RabbitStage): Promise<void> {
  const rounds = await inTurns(stage, all, async ({ name, share }, urls) => {
    const count = Math.round((20_000 * share * (share === 1 ? longDrain : 1)) / stage.divisor);
    await run(programOf(name, 'send', count, urls));
    return await run(programOf(name, 'drain', count, urls));
  });
  print('drain: tasks a second, one worker, results in Redis (amqplib alone, Nest: none)', rounds);
  const own = rate(rounds, 'lovage');
  goal('drain, part of amqplib alone', own / rate(rounds, 'raw-amqplib'), { atLeast: 0.6 }, 2);
  goal('drain, times Celery', own / rate(rounds, 'celery'), { atLeast: 8 }, 2);
}

export async function compareRoundTrips(stage: RabbitStage): Promise<void> {
  const entrants = [
    { name: 'lovage-rpc', share: 1 },
    { name: 'raw-amqplib', share: 1 },
    { name: 'raw-amqplib-bare', share: 1 },
    { name: 'nest-rmq', share: 1 },
  ];
  const rounds = await inTurns(stage, entrants, async ({ name }, urls) => {
    const worker = programOf(name, 'serve', 0, urls);
    await worker.start();
    try {
      await worker.waitForLine(/^serving$/, { withinMs: longestMs });
      return await run(programOf(name, 'round-trips', Math.round(1500 / stage.divisor), urls));
    } finally {
      await worker.kill();
    }
  });
  const at = (name: string, part: number): number =>
    of(rounds, name, ({ times = [] }) => percentile(times, part));
  console.log('\nsend → result by rpc, one at a time: µs (amqplib alone: two hops)');
  console.table(
    [...rounds.keys()].map((name) => ({
      contender: name,
      p50: at(name, 0.5).toFixed(0),
      p99: at(name, 0.99).toFixed(0),
      'CPU µs, caller': cpu(rounds, name).toFixed(0),
    })),
  );
  goal(
    'result by rpc, p50, times two raw hops',
    at('lovage-rpc', 0.5) / at('raw-amqplib', 0.5),
    { atMost: 1.5 },
    2,
  );
}
