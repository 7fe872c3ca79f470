import { describeWith } from '@lovage/services';
import { claimScript } from '../../src/scripts/claim.js';
import { leaveScript } from '../../src/scripts/leases.js';
import { settleScript } from '../../src/scripts/settle.js';
import type { LuaScript } from '../../src/scripts/lua-script.js';
import { ChildWorkers } from '../support/child-worker.js';
import { idOf } from '../support/fault-messages.js';
import { FaultScene, type OpenDriver, Recorder } from '../support/fault-scene.js';

const ids = Array.from({ length: 20 }, (_, n) => `task-${n}`);
const lease = 'lease=1s';

interface Victim {
  readonly driver: OpenDriver;
  readonly recorder: Recorder;
  /** Ends it as the end of its process does. */
  readonly die: () => void;
}

interface CrashPoint {
  readonly when: string;
  /** Brings a process with a consumer to this point, and ends it there. */
  readonly reach: (victim: Victim, asked: (script: LuaScript) => Promise<void>) => Promise<void>;
  /** Whether what it had was settled. */
  readonly settled: boolean | undefined;
}

const points: readonly CrashPoint[] = [
  {
    when: 'its claim is on its way',
    reach: async ({ die }, asked) => {
      await asked(claimScript);
      die();
    },
    settled: false,
  },
  {
    when: 'it has messages in hand',
    reach: async ({ recorder, die }) => {
      await recorder.reach(ids.length);
      die();
    },
    settled: false,
  },
  {
    when: 'its settlement has not left',
    reach: async ({ recorder, die }) => {
      await recorder.reach(ids.length);
      die();
      await recorder.settle({ kind: 'ack' }, recorder.deliveries, { deadlineMs: 100 });
    },
    settled: false,
  },
  {
    when: 'its settlement is on its way',
    reach: async ({ recorder, die }, asked) => {
      await recorder.reach(ids.length);
      const settling = asked(settleScript);
      void recorder.settle({ kind: 'ack' });
      await settling;
      die();
    },
    // Nobody can know, but all of them share one end.
    settled: undefined,
  },
  {
    when: 'its settlement was answered',
    reach: async ({ recorder, die }) => {
      await recorder.reach(ids.length);
      await recorder.settle({ kind: 'ack' });
      die();
    },
    settled: true,
  },
  {
    when: 'it gives back what it has in hand',
    reach: async ({ recorder, driver, die }, asked) => {
      await recorder.reach(ids.length);
      const giving = asked(settleScript);
      void driver.broker.close({ deadline: driverDeadline(driver) });
      await giving;
      die();
    },
    settled: false,
  },
  {
    when: 'it has given back, and ends its lease',
    reach: async ({ recorder, driver, die }, asked) => {
      await recorder.reach(ids.length);
      const leaving = asked(leaveScript);
      void driver.broker.close({ deadline: driverDeadline(driver) });
      await leaving;
      die();
    },
    settled: false,
  },
];

let driverDeadline: (driver: OpenDriver) => ReturnType<FaultScene['views']['deadline']>;

describeWith('redis-server', 'a process that dies', () => {
  const scene = new FaultScene();
  const children = new ChildWorkers();
  driverDeadline = () => scene.views.deadline();

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

  async function results(): Promise<readonly string[]> {
    const documents = await Promise.all(
      ids.map(async (id) => String(await scene.redis.command('GET', `celery-task-meta-${id}`))),
    );
    return documents.map((document) => (JSON.parse(document) as { readonly status: string }).status);
  }

  /** Everything comes to an end, each task with one result, and nothing is left. */
  async function survivorEnds(expectAgain: boolean | undefined): Promise<Recorder> {
    const survivor = await scene.driver(scene.urlOf(lease));
    const recorder = await Recorder.open(scene, survivor, { verb: { kind: 'ack' }, prefetch: 100 });
    await scene.until('all are settled', async () => await scene.settledAll());
    await scene.until(
      'the dead leave no lease',
      async () => (await scene.redis.command('ZCARD', 'lovage:leases')) === 1,
    );
    expect(await results()).toStrictEqual(ids.map(() => 'SUCCESS'));
    const again = recorder.ids.toSorted();
    const expected = expectAgain ?? again.length > 0;
    expect(again).toStrictEqual(expected ? ids.toSorted() : []);
    expect(recorder.outcomes.every(({ kind }) => kind === 'settled')).toBe(true);
    return recorder;
  }

  it.each(points)('while $when: each message is delivered again or done', async ({ reach, settled }) => {
    const driver = await scene.driver(scene.proxyUrl(lease));
    await scene.publish(driver, ids);
    const claiming = asked(claimScript);
    const recorder = await Recorder.open(scene, driver, { prefetch: 100 });
    const die = (): void => driver.destroy();
    await reach({ driver, recorder, die }, async (script) =>
      script === claimScript ? await claiming : await asked(script),
    );
    const handed = recorder.deliveries.length;
    const survivor = await survivorEnds(settled === undefined ? undefined : !settled);
    for (const delivery of survivor.deliveries) {
      expect(delivery.deliveries).toBe(2);
      expect(delivery.redelivered).toBe(true);
    }
    expect(handed === 0 || handed === ids.length).toBe(true);
  });

  async function asked({ sha }: LuaScript): Promise<void> {
    await new Promise<void>((resolve) => {
      const end = scene.proxy.onRequest(({ args }) => {
        if (args[0] !== sha) return;
        end();
        resolve();
      });
    });
  }

  it.each([
    { when: 'with messages in hand', acked: [] },
    { when: 'while it settles', acked: ['task-3'] },
    { when: 'after it has settled some', acked: ['task-0', 'task-7'], answered: true },
  ])('killed $when: the rest is delivered again, counted', async ({ acked, answered = false }) => {
    const driver = await scene.driver(scene.redis.url);
    await scene.publish(driver, ids);
    const child = await children.start(scene.urlOf(lease));
    await child.said(/^got task-19 1$/);
    for (const id of acked) child.tell(`ack ${id}`);
    for (const id of acked) await child.said(new RegExp(`^${answered ? 'settled' : 'acking'} ${id}$`));
    await child.program.kill();
    const recorder = await Recorder.open(scene, await scene.driver(scene.urlOf(lease)), {
      verb: { kind: 'ack' },
      prefetch: 100,
    });
    await scene.until('all are settled', async () => await scene.settledAll());
    const again = new Set(recorder.ids);
    expect(recorder.ids).toHaveLength(again.size);
    const mustCome = ids.filter((id) => !acked.includes(id));
    expect(mustCome.filter((id) => !again.has(id))).toStrictEqual([]);
    // Of what was on its way nobody can know.
    expect(acked.filter((id) => answered && again.has(id))).toStrictEqual([]);
    expect(new Set(recorder.deliveries.map(({ deliveries }) => deliveries))).toStrictEqual(new Set([2]));
    expect(await results()).toStrictEqual(ids.map(() => 'SUCCESS'));
    const first = recorder.deliveries.find((one) => idOf(one) === 'task-1');
    expect(first?.redelivered).toBe(true);
  });
});
