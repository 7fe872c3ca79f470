// One contender in a process of its own: agent.js CONTENDER OPERATION COUNT BROKER RESULTS. Its last line is JSON.
import { concurrency, type RabbitContender, type Urls } from './contender.js';
import { measured, stretch } from './stretch.js';

const [name = '', operation = '', countText = '0', broker = '', results = ''] = process.argv.slice(2);
const count = Number(countText);
const urls: Urls = { broker, results };

const makers: Readonly<Record<string, () => Promise<RabbitContender>>> = {
  lovage: async () => (await import('./lovage.js')).lovage(urls, 'redis'),
  'lovage-rpc': async () => (await import('./lovage.js')).lovage(urls, 'rpc'),
  'raw-amqplib': async () => (await import('./raw-amqplib.js')).rawAmqplib(urls, 'celery'),
  'raw-amqplib-bare': async () => (await import('./raw-amqplib.js')).rawAmqplib(urls, 'bare'),
  'nest-rmq': async () => (await import('./nest-rmq.js')).nestRmq(urls),
  'celery-node': async () => (await import('./celery-node.js')).celeryNode(urls),
};

const log = console.log.bind(console);
// celery-node logs each task.
console.info = () => undefined;
console.log = () => undefined;

const contender = await makers[name]?.();
if (contender === undefined) throw new Error(`no contender "${name}"`);

const nothing = (): void => undefined;

/** Done before the clock runs: a worker lives long, and its first seconds are those of the compiler. */
const warmUp = Math.ceil(count * 0.25);
const warmUpTrips = Math.min(2000, count);

/** @returns how many were measured */
async function drain(one: RabbitContender): Promise<number> {
  let done = 0;
  let began = nothing;
  let ended = nothing;
  const begin = new Promise<void>((resolve) => {
    began = resolve;
  });
  const end = new Promise<void>((resolve) => {
    ended = resolve;
  });
  const work = async (): Promise<() => Promise<void>> =>
    await one.work(() => {
      done += 1;
      if (done === warmUp) began();
      if (done === count) ended();
    });
  if (one.takesAll === true) {
    await measured(async () => {
      await work();
      await end;
    });
    return count;
  }
  const close = await work();
  await begin;
  await measured(async () => await end);
  await close();
  return count - warmUp;
}

async function roundTrips(one: RabbitContender): Promise<readonly number[]> {
  const producer = await one.roundTrip?.();
  if (producer === undefined) throw new Error(`${name} has no round trips`);
  const times: number[] = [];
  for (let value = 1; value <= warmUpTrips; value += 1) await producer.call(value);
  await measured(async () => {
    for (let value = 1; value <= count; value += 1) {
      const sentAt = performance.now();
      const answer = await producer.call(value);
      times.push((performance.now() - sentAt) * 1000);
      if (answer !== value) throw new Error(`the result of ${value} was ${String(answer)}`);
    }
  });
  await producer.close();
  return times;
}

let times: readonly number[] | undefined;
let counted = count;
if (operation === 'send') await contender.send(count, concurrency);
else if (operation === 'drain') {
  counted = await drain(contender);
} else if (operation === 'round-trips') times = await roundTrips(contender);
else if (operation === 'serve') {
  await contender.work(() => undefined);
  log('serving');
  await new Promise(() => setInterval(() => undefined, 60_000));
}
log(JSON.stringify({ ...stretch, count: counted, times }));
process.exit(0);
