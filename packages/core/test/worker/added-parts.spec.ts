import { inChildren, LifeScene, memoryHarness, runCase } from '@lovage/conformance';
import { chord } from '../../src/client/canvas/compose.js';
import { Signature } from '../../src/client/canvas/signature.js';
import { derivedIds } from '../../src/calls/derived-ids.js';
import { freeze } from '../../src/canvas/freeze.js';
import { VirtualClock } from '../../src/clock/virtual-clock.js';
import type { SignatureJson } from '../../src/message/signature-json.js';
import { encodeResult } from '../../src/message/result-document.js';
import { defaultMessageLimits } from '../../src/message/message-limits.js';
import type { Delivery } from '../../src/ports/consumer.js';
import type { TaskContext } from '../../src/task/task-context.js';
import { closeTestApps, gate, testApp } from '../support/test-app.js';

afterEach(closeTestApps);

/** Tasks, and how often the one ran that adds to its chord. */
function tasks() {
  const runs = { extend: 0 };
  const handlers = {
    add: (x: number, y: number) => x + y,
    xsum: (all: number[]) => all.reduce((sum, one) => sum + one, 0),
    extend: (json: SignatureJson, context: TaskContext) => {
      runs.extend += 1;
      context.addToChord(new Signature(json));
      return 1;
    },
  };
  return { runs, handlers };
}

/** The result of a member that has added to its chord. */
const documentOf = (taskId: string, added: readonly SignatureJson[]) =>
  encodeResult(
    {
      taskId,
      state: 'SUCCESS',
      result: 1,
      traceback: undefined,
      children: [],
      dateDone: new Date(0),
      groupId: undefined,
      parentId: undefined,
      extended: undefined,
      added,
    },
    { serializer: 'json', limits: defaultMessageLimits },
  );

describe('parts that a member has added to its chord', () => {
  it('are sent by the worker that comes after one that died when it had stored the result of the member', async () => {
    const clock = new VirtualClock();
    const broker = `memory://${crypto.randomUUID()}`;
    const { runs, handlers } = tasks();
    const { app: sender } = await testApp({}, { broker, worker: false }, { clock });
    const { client, stores } = sender;
    const add = client.signature<number>('add', { args: [2, 3] });
    const extend = client.signature<number>('extend', {
      args: [add.toJSON()],
      immutable: true,
      taskId: 'extending',
    });
    const result = await chord([extend, add], client.signature<number>('xsum')).delay();
    // The first worker: it has taken the messages, and dies between the result of one and what follows that.
    const taken = gate<Delivery>();
    const deadline = stores.deadline();
    const consumer = await stores.broker.consume({
      consumerId: 'dies',
      queues: ['celery'],
      prefetch: 10,
      deadline,
      onDeliveries: (deliveries) => {
        for (const one of deliveries) if (one.message.headers['id'] === 'extending') taken.open(one);
      },
      onLost: () => undefined,
    });
    const delivery = await taken.opened;
    const frozen = freeze(add.toJSON(), derivedIds('extending:added:0'));
    await stores.results?.put({
      results: [{ taskId: 'extending', state: 'SUCCESS', document: documentOf('extending', [frozen.json]) }],
      deadline,
    });
    const part = {
      groupId: String(delivery.message.headers['group']),
      taskId: 'extending',
      groupIndex: 0,
      document: '[1,"extending","SUCCESS",1]',
      adds: 1,
    };
    expect(await stores.results?.join({ part, deadline })).toEqual({ kind: 'waiting', count: 1 });
    const requeue = { delivery, verb: { kind: 'requeue' }, results: [], publishes: [], joins: [] } as const;
    await stores.broker.settle({ settlements: [requeue], deadline });
    await consumer.close({ deadline });
    await testApp(handlers, { broker, worker: { queues: ['celery'] } }, { clock });
    expect(await result.get()).toBe(11);
    expect(runs.extend).toBe(0);
  });

  it('come from a child of a pool, too', async () => {
    const { handlers } = tasks();
    const run = async (harness: Parameters<typeof LifeScene.play>[0]): Promise<void> => {
      const own = {
        add: (_task: TaskContext, x: unknown, y: unknown) => handlers.add(Number(x), Number(y)),
        xsum: (_task: TaskContext, all: unknown) => handlers.xsum(all as number[]),
        extend: (task: TaskContext, json: unknown) => handlers.extend(json as SignatureJson, task),
      };
      await LifeScene.play(harness, own, async (scene, { client }) => {
        const add = client.signature<number>('add', { args: [2, 3] });
        const extend = client.signature<number>('extend', { args: [add.toJSON()], immutable: true });
        const result = await chord([extend, add], client.signature<number>('xsum')).delay();
        expect(await scene.while(result.get())).toBe(11);
      });
    };
    await runCase(inChildren(memoryHarness()), { name: 'added in a child', run });
  });
});
