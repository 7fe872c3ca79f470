import { VirtualClock } from '../../src/clock/virtual-clock.js';
import type { Topology } from '../../src/ports/topology.js';
import { BrokerRig } from './broker-rig.js';

const code = (text: string): unknown => expect.objectContaining({ code: text });

describe('what the memory broker takes and refuses', () => {
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

  it.each<readonly [string, string, Topology]>([
    [
      'an exchange of another type',
      'LOVAGE_TOPOLOGY_CONFLICT',
      {
        exchanges: [
          { name: 'e', type: 'direct' },
          { name: 'e', type: 'topic' },
        ],
      },
    ],
    [
      'a default exchange of another type',
      'LOVAGE_TOPOLOGY_CONFLICT',
      { exchanges: [{ name: '', type: 'fanout' }] },
    ],
    [
      'a binding on the default exchange',
      'LOVAGE_TOPOLOGY_CONFLICT',
      { bindings: [{ queue: 'first', exchange: '', routingKey: 'other' }] },
    ],
    [
      'a binding to an undeclared exchange',
      'LOVAGE_EXCHANGE_UNDECLARED',
      { bindings: [{ queue: 'first', exchange: 'e', routingKey: 'k' }] },
    ],
    [
      'a binding of an undeclared queue',
      'LOVAGE_QUEUE_UNDECLARED',
      { bindings: [{ queue: 'missing', exchange: '', routingKey: 'k' }] },
    ],
  ])('refuses to declare %s', async (_, expected, topology) => {
    await expect(rig.declare(topology)).rejects.toEqual(code(expected));
  });

  it('takes what the default exchange has by itself', async () => {
    await rig.declare({
      exchanges: [{ name: '', type: 'direct' }],
      bindings: [{ queue: 'first', exchange: '', routingKey: 'first' }],
    });
    await rig.publish('first', 1);
    expect((await rig.driver.inspector.queues({ deadline: rig.deadline }))[0]?.ready).toBe(1);
  });

  it('follows bindings that are added after a key was used', async () => {
    await rig.declare({
      exchanges: [{ name: 'e', type: 'direct' }],
      bindings: [{ queue: 'first', exchange: 'e', routingKey: 'k' }],
    });
    await rig.publish('k', 1, { exchange: 'e', routingKey: 'k' });
    await rig.declare({ bindings: [{ queue: 'second', exchange: 'e', routingKey: 'k' }] });
    await rig.publish('k', 1, { exchange: 'e', routingKey: 'k' });
    expect((await rig.driver.inspector.queues({ deadline: rig.deadline })).map(({ ready }) => ready)).toEqual(
      [2, 1],
    );
  });

  it('refuses two consumers of one id, undeclared queues, and a prefetch that is none', async () => {
    const onDeliveries = (): void => undefined;
    await rig.consume({ consumerId: 'c', queues: ['first'], onDeliveries });
    await expect(rig.consume({ consumerId: 'c', queues: ['first'], onDeliveries })).rejects.toEqual(
      code('LOVAGE_CONSUMER_DUPLICATE'),
    );
    await expect(rig.consume({ queues: ['first', 'missing'], onDeliveries })).rejects.toEqual(
      code('LOVAGE_QUEUE_UNDECLARED'),
    );
    for (const prefetch of [0, -1, 1.5, Number.NaN]) {
      await expect(rig.consume({ queues: ['first'], prefetch, onDeliveries })).rejects.toEqual(
        code('LOVAGE_OPTION_INVALID'),
      );
    }
    expect(
      (await rig.driver.inspector.queues({ deadline: rig.deadline })).map(({ consumers }) => consumers),
    ).toEqual([1, 0]);
  });

  it('refuses to purge or to inspect an undeclared queue', async () => {
    const { broker, inspector } = rig.driver;
    await expect(broker.purge({ queue: 'missing', deadline: rig.deadline })).rejects.toEqual(
      code('LOVAGE_QUEUE_UNDECLARED'),
    );
    await expect(
      inspector.messages({ queue: 'missing', place: 'ready', limit: 1, deadline: rig.deadline }),
    ).rejects.toEqual(code('LOVAGE_QUEUE_UNDECLARED'));
  });

  it.each(['x', '', '1:2', '-1', '1e9'])('refuses the cursor "%s"', async (cursor) => {
    const page = rig.driver.inspector.messages({
      queue: 'first',
      place: 'ready',
      limit: 1,
      cursor,
      deadline: rig.deadline,
    });
    await expect(page).rejects.toEqual(code('LOVAGE_OPTION_INVALID'));
  });
});
