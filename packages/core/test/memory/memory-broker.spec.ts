import type { Clock } from '../../src/clock/clock.js';
import { VirtualClock } from '../../src/clock/virtual-clock.js';
import { mostParked } from '../../src/memory/memory-queue.js';
import type { Consumer, Delivery } from '../../src/ports/consumer.js';
import { BrokerRig } from './broker-rig.js';

describe('MemoryBroker', () => {
  let clock: VirtualClock;
  let rig: BrokerRig;

  beforeEach(async () => {
    clock = new VirtualClock();
    rig = await BrokerRig.open(clock, 'first', 'second');
  });

  afterEach(async () => {
    await rig.close();
    expect(clock.pending).toBe(0);
  });

  it('calls a consumer once for all that was published in one turn', async () => {
    const batches: number[] = [];
    await rig.consume({
      queues: ['first', 'second'],
      onDeliveries: (deliveries) => batches.push(deliveries.length),
    });
    await clock.settle();
    await Promise.all([rig.publish('first', 30), rig.publish('second', 20), rig.publish('first', 10)]);
    expect(batches).toEqual([]);
    await clock.settle();
    expect(batches).toEqual([60]);
  });

  it('hands out at most 1,000 messages in one turn', async () => {
    const batches: number[] = [];
    await rig.consume({ queues: ['first'], onDeliveries: (deliveries) => batches.push(deliveries.length) });
    await rig.publish('first', 2500);
    await clock.settle();
    expect(batches).toEqual([1000, 1000, 500]);
  });

  it('shows of a delivery what it is to others, and nothing of the store', async () => {
    const seen: Delivery[] = [];
    await rig.consume({ queues: ['first'], onDeliveries: (deliveries) => seen.push(...deliveries) });
    await rig.publish('first', 1);
    await clock.settle();
    expect(Object.keys(JSON.parse(JSON.stringify(seen[0])) as object)).toEqual([
      'message',
      'queue',
      'exchange',
      'routingKey',
      'deliveries',
      'redelivered',
      'revoked',
    ]);
  });

  it('neither recurses nor keeps the event loop busy when a consumer settles while it is called', async () => {
    await rig.publish('first', 3000);
    let depth = 0;
    let turns = 0;
    let taken = 0;
    const turn = (): void => {
      turns += 1;
      if (taken < 3000) setImmediate(turn);
    };
    setImmediate(turn);
    await rig.consume({
      queues: ['first'],
      prefetch: 1,
      onDeliveries: (deliveries) => {
        depth += 1;
        expect(depth).toBe(1);
        taken += deliveries.length;
        void rig.settle(deliveries);
        depth -= 1;
      },
    });
    for (let round = 0; round < 1500; round += 1) await clock.settle();
    expect(taken).toBe(3000);
    expect(turns).toBeGreaterThan(1000);
  });

  it('takes the queues of a consumer in the order of preference', async () => {
    await Promise.all([rig.publish('second', 5), rig.publish('first', 5)]);
    const queues: string[] = [];
    await rig.consume({
      queues: ['first', 'second'],
      onDeliveries: (deliveries) => queues.push(...deliveries.map(({ queue }) => queue)),
    });
    await clock.settle();
    expect(queues).toEqual([
      ...Array.from({ length: 5 }, () => 'first'),
      ...Array.from({ length: 5 }, () => 'second'),
    ]);
  });

  it('shares a batch evenly among consumers with room', async () => {
    const taken = [0, 0, 0];
    for (const index of taken.keys()) {
      await rig.consume({
        queues: ['first'],
        onDeliveries: (deliveries) => {
          taken[index] = (taken[index] ?? 0) + deliveries.length;
        },
      });
    }
    await rig.publish('first', 90);
    await clock.settle();
    expect(taken).toEqual([30, 30, 30]);
  });

  it('gives messages that came back their old places', async () => {
    await rig.publish('first', 5);
    const first = await rig.consume({ queues: ['first'], onDeliveries: () => undefined });
    await clock.settle();
    await first.close({ deadline: rig.deadline });
    const seen: Delivery[] = [];
    await rig.consume({ queues: ['first'], onDeliveries: (deliveries) => seen.push(...deliveries) });
    await clock.settle();
    expect(seen.map(({ message }) => message.headers['id'])).toEqual(['0', '1', '2', '3', '4']);
    await rig.settle(seen.slice(1, 4), { kind: 'release' });
    await clock.settle();
    expect(seen.slice(5).map(({ message }) => message.headers['id'])).toEqual(['1', '2', '3']);
  });

  it('does not count what a consumer was never shown, since another closed it in the same turn', async () => {
    const seen: Delivery[] = [];
    const consumers: Consumer[] = [];
    for (const index of [0, 1]) {
      consumers[index] = await rig.consume({
        queues: ['first'],
        onDeliveries: (deliveries) => {
          seen.push(...deliveries);
          void consumers[1 - index]?.close({ deadline: rig.deadline });
        },
      });
    }
    await rig.publish('first', 4);
    await clock.settle();
    expect(seen.map(({ deliveries, redelivered }) => [deliveries, redelivered])).toEqual(
      Array.from({ length: 4 }, () => [1, false]),
    );
  });

  it('delivers to the others when the callback of one throws, and lets the error be seen', async () => {
    const thrown: unknown[] = [];
    const watched: Clock = {
      wallNow: () => clock.wallNow(),
      monoNow: () => clock.monoNow(),
      after: (delayMs, action) => clock.after(delayMs, action),
      keepAlive: () => clock.keepAlive(),
      endOfTurn: (action) =>
        clock.endOfTurn(() => {
          try {
            action();
          } catch (error) {
            thrown.push(error);
          }
        }),
    };
    const other = await BrokerRig.open(watched, 'q');
    let delivered = 0;
    for (const throws of [true, false]) {
      await other.consume({
        queues: ['q'],
        onDeliveries: (deliveries) => {
          if (throws) throw new TypeError('broken consumer');
          delivered += deliveries.length;
        },
      });
    }
    await other.publish('q', 10);
    await clock.settle();
    expect(delivered).toBe(5);
    expect(thrown).toEqual([new TypeError('broken consumer')]);
    await other.close();
  });

  it('keeps the newest 10,000 parked messages of a queue', async () => {
    await rig.consume({
      queues: ['first'],
      onDeliveries: (deliveries) =>
        void rig.settle(deliveries, { kind: 'park', reason: { code: 'X', text: 'x' } }),
      prefetch: 20_000,
    });
    await rig.publish('first', mostParked + 5);
    while (((await rig.driver.inspector.queues({ deadline: rig.deadline }))[0]?.ready ?? 0) > 0)
      await clock.settle();
    await clock.settle();
    const { inspector } = rig.driver;
    expect((await inspector.queues({ deadline: rig.deadline }))[0]).toMatchObject({
      name: 'first',
      parked: mostParked,
    });
    const { messages } = await inspector.messages({
      queue: 'first',
      place: 'parked',
      limit: 1,
      deadline: rig.deadline,
    });
    expect(messages[0]?.message.headers['id']).toBe('5');
  });

  it('takes priorities out of range, and what is none, for the nearest', async () => {
    for (const [id, priority] of Object.entries({
      low: -5,
      none: undefined,
      odd: Number.NaN,
      fraction: 4.9,
      high: 255,
    })) {
      await rig.publish('first', 1, {
        message: {
          contentType: '',
          contentEncoding: '',
          headers: { id },
          properties: priority === undefined ? {} : { priority },
          body: Buffer.alloc(0),
        },
      });
    }
    const seen: Delivery[] = [];
    await rig.consume({ queues: ['first'], onDeliveries: (deliveries) => seen.push(...deliveries) });
    await clock.settle();
    expect(seen.map(({ message }) => message.headers['id'])).toEqual([
      'high',
      'fraction',
      'low',
      'none',
      'odd',
    ]);
  });
});
