// The program of a child worker, see child-worker.ts: takes from the queue `q`, says what happens, does what it is told. One line each way.
import { randomUUID } from 'node:crypto';
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Deadline, type Delivery, SystemClock } from '@lovage/core';
import { createDriver } from '../../src/index.js';
import { idOf, resultOf } from './fault-messages.js';

/** Said at once, also when the process is killed in the next moment. */
const say = (line: string): void => void writeSync(1, `${line}\n`);

const clock = new SystemClock();
const deadline = (): Deadline => Deadline.in(clock, 20_000);
const driver = createDriver(new URL(process.argv[2] ?? ''), { clock, newId: randomUUID });
const { broker } = driver;
if (broker === undefined) throw new Error('no broker');
const inHand = new Map<string, Delivery>();

const commands: Readonly<Record<string, (argument: string) => Promise<void> | void>> = {
  ack: async (id) => {
    const delivery = inHand.get(id);
    if (delivery === undefined) return say(`unknown ${id}`);
    const settlement = {
      delivery,
      verb: { kind: 'ack' },
      results: [resultOf(id, 'SUCCESS', process.argv[3])],
      publishes: [],
      joins: [],
    } as const;
    say(`acking ${id}`);
    const [outcome] = await broker.settle({ settlements: [settlement], deadline: deadline() });
    say(`${outcome?.kind} ${id}`);
  },
  /** Keeps the event loop busy for so many milliseconds. */
  block: (ms) => {
    say('blocking');
    const until = clock.monoNow() + Number(ms);
    while (clock.monoNow() < until);
    say('blocked');
  },
  close: async (ms) => {
    await broker.close({ deadline: ms === '' ? deadline() : Deadline.in(clock, Number(ms)) });
    say('closed');
    process.stdin.destroy();
  },
};

await broker.open({ deadline: deadline() });
await broker.declare({ topology: { queues: [{ name: 'q' }] }, deadline: deadline() });
createInterface(process.stdin).on('line', (line) => {
  const [name = '', argument = ''] = line.split(' ');
  void commands[name]?.(argument);
});
await broker.consume({
  consumerId: randomUUID(),
  queues: ['q'],
  prefetch: 100,
  onDeliveries: (deliveries) => {
    for (const delivery of deliveries) {
      inHand.set(idOf(delivery), delivery);
      say(`got ${idOf(delivery)} ${delivery.deliveries}`);
    }
  },
  onLost: (deliveries) => {
    for (const delivery of deliveries) say(`lost ${idOf(delivery)}`);
  },
  deadline: deadline(),
});
say('ready');
