import { randomUUID } from 'node:crypto';
import { type Broker, Deadline, type Driver, SystemClock } from '@lovage/core';
import { describeWith } from '@lovage/services';
import { createDriver } from '../../src/index.js';
import { CountingClock } from '../support/counting-clock.js';
import { ChildWorkers } from '../support/child-worker.js';
import { FaultScene, Recorder } from '../support/fault-scene.js';

const rounds = 50;
/** After the deadline of a call it may take so long until a busy machine lets it say so. */
const graceMs = 3000;

describeWith('redis-server', 'starting and stopping', () => {
  const scene = new FaultScene();
  const children = new ChildWorkers();
  const real = new SystemClock();

  beforeAll(async () => await scene.start());
  beforeEach(async () => await scene.reset());
  afterEach(async () => {
    await children.clear();
    await scene.clear();
  });
  afterAll(async () => {
    await children.close();
    await scene.close();
  });

  interface Counted {
    readonly driver: Driver & { readonly broker: Broker };
    readonly clock: CountingClock;
  }

  function newDriver(url: string): Counted {
    const clock = new CountingClock();
    const driver = createDriver(new URL(url), { clock, newId: randomUUID });
    const { broker } = driver;
    if (broker === undefined) throw new Error('no broker');
    return { driver: Object.assign(driver, { broker }), clock };
  }

  async function closeAll({ driver }: Counted, ms: number): Promise<void> {
    const deadline = Deadline.in(real, ms);
    for (const port of [driver.broker, driver.results, driver.ledger, driver.inspector])
      await port?.close({ deadline });
  }

  async function nothingIsLeft(): Promise<void> {
    await scene.until('all connections are closed', async () => (await scene.connectionsOfOurs()) === 0);
  }

  const inTime = async (ms: number, work: Promise<unknown>): Promise<boolean> =>
    await Deadline.in(real, ms + graceMs).within(work);

  it(`opens, consumes and closes ${rounds} times at once, and leaves nothing`, async () => {
    await scene.driver(scene.redis.url);
    scene.views.close();
    const taken: number[] = [];
    const all = Array.from({ length: rounds }, async (_, n) => {
      const counted = newDriver(scene.redis.url);
      const { broker } = counted.driver;
      const deadline = Deadline.in(real, 30_000);
      await broker.open({ deadline });
      const consuming = broker
        .consume({
          consumerId: randomUUID(),
          queues: ['q'],
          prefetch: 5,
          onDeliveries: (deliveries) => taken.push(deliveries.length),
          onLost: () => undefined,
          deadline,
        })
        .catch((error: unknown) => error);
      // Some are closed while they begin.
      if (n % 3 !== 0) await consuming;
      await closeAll(counted, 30_000);
      await consuming;
      return counted.clock;
    });
    const clocks = await Promise.all(all);
    await nothingIsLeft();
    await scene.until('no timer is left', () => clocks.every(({ pending }) => pending === 0));
    expect(await scene.redis.command('ZCARD', 'lovage:leases')).toBe(0);
    expect(await scene.redis.command('HLEN', 'lovage:consumers')).toBe(0);
    expect(taken).toStrictEqual([]);
  });

  it('closes by its deadline while it connects', async () => {
    scene.proxy.impose({ flow: 'hold' });
    const counted = newDriver(scene.proxyUrl());
    const opening = counted.driver.broker
      .open({ deadline: Deadline.in(real, 20_000) })
      .catch((error: unknown) => error);
    await scene.until('it connects', () => scene.proxy.connections > 0);
    expect(await inTime(500, closeAll(counted, 500))).toBe(true);
    // Whoever opens does not wait for his own deadline.
    expect(await inTime(0, opening)).toBe(true);
    expect(await opening).toMatchObject({ code: 'LOVAGE_STORE_CLOSED' });
    await scene.proxy.heal();
    await scene.until('its connection is gone', () => scene.proxy.connections === 0);
    await scene.until('no timer is left', () => counted.clock.pending === 0);
  });

  it('closes by its deadline while the server hangs, with work in hand', async () => {
    const counted = newDriver(scene.urlOf('lease=1s'));
    const { driver } = counted;
    await driver.broker.open({ deadline: Deadline.in(real, 20_000) });
    await driver.broker.declare({
      topology: { queues: [{ name: 'q' }] },
      deadline: Deadline.in(real, 20_000),
    });
    await scene.publish(driver, ['a', 'b']);
    const recorder = await Recorder.open(scene, driver);
    await recorder.reach(2);
    scene.redis.pause();
    try {
      expect(await inTime(500, closeAll(counted, 500))).toBe(true);
      await scene.until('no timer is left', () => counted.clock.pending === 0);
    } finally {
      scene.redis.resume();
    }
    await nothingIsLeft();
    // Nobody was told, so the lease runs out.
    const other = await scene.driver(scene.urlOf('lease=1s'));
    const second = await Recorder.open(scene, other, { verb: { kind: 'ack' } });
    await second.reach(2);
    expect(second.ids.toSorted()).toStrictEqual(['a', 'b']);
  });

  it('closes a consumer alone while the server hangs; what it was just given comes back', async () => {
    const driver = await scene.driver(scene.urlOf('lease=1s'));
    const recorder = await Recorder.open(scene, driver);
    const other = await scene.driver(scene.urlOf('lease=1s'));
    await scene.publish(other, ['a']);
    await recorder.reach(1);
    scene.redis.pause();
    try {
      const closing = recorder.consumer.close({ deadline: Deadline.in(real, 300) });
      expect(await inTime(300, closing)).toBe(true);
    } finally {
      scene.redis.resume();
    }
    const second = await Recorder.open(scene, driver, { verb: { kind: 'ack' } });
    await second.reach(1);
    await scene.until('all are settled', async () => await scene.settledAll());
    expect(second.ids).toStrictEqual(['a']);
  });

  it('lets the process end when all is closed', async () => {
    const child = await children.start(scene.urlOf());
    child.tell('close');
    await child.said(/^closed$/);
    expect(await child.program.exited).toStrictEqual({ code: 0, signal: null });
    await nothingIsLeft();
  });

  it('lets the process end when all is closed while the server hangs', async () => {
    const child = await children.start(scene.urlOf('lease=1s'));
    scene.redis.pause();
    try {
      child.tell('close 500');
      await child.said(/^closed$/);
      expect(await child.program.exited).toStrictEqual({ code: 0, signal: null });
    } finally {
      scene.redis.resume();
    }
  });
});
