import { describeWith, waitFor } from '@lovage/services';
import { FaultScene } from '../support/fault-scene.js';
import { type FlowProcess, flowProcess } from '../support/flow-tasks.js';

jest.setTimeout(180_000);

const withinMs = 120_000;

describeWith('redis-server', 'flow control over connections that are cut', () => {
  const scene = new FaultScene();
  const processes: FlowProcess[] = [];

  beforeAll(async () => await scene.start());
  beforeEach(async () => await scene.reset());
  afterEach(async () => {
    for (const { app } of processes.splice(0)) await app.close();
    await scene.clear();
  });
  afterAll(async () => await scene.close());

  async function start(url: string, works: boolean, run: () => Promise<void>): Promise<FlowProcess> {
    const made = await flowProcess(url, works, run);
    processes.push(made);
    return made;
  }

  async function pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => setTimeout(resolve, ms));
  }

  it.each(['capped', 'rated', 'single'])(
    'loses no %s task, and gives everything back in the end',
    async (task) => {
      const state = { now: 0, most: 0 };
      const run = async (): Promise<void> => {
        state.now += 1;
        state.most = Math.max(state.most, state.now);
        await pause(30);
        state.now -= 1;
      };
      await start(scene.proxyUrl('lease=5s'), true, run);
      await start(scene.proxyUrl('lease=5s'), true, run);
      const { app } = await start(scene.redis.url, false, run);
      const ids = new Set<string>();
      for (let round = 0; round < 6; round += 1) {
        for (let n = 0; n < 10; n += 1) ids.add((await app.client.send(task)).id);
        scene.proxy.cutAll();
        await pause(100);
      }
      const results = [...ids].map((id) => app.client.result(id));
      for (const result of results) await expect(result.get({ timeout: 100 })).resolves.toBeNull();
      await waitFor(
        async () => {
          const keys = (await scene.redis.command('KEYS', '*flow:*')) as readonly string[];
          return keys.filter((key) => !key.includes('tokens')).length === 0;
        },
        { withinMs, what: 'all slots and places to be given back, or to end' },
      );
      const most = task === 'single' ? 1 : task === 'capped' ? 2 : Infinity;
      expect(state.most).toBeLessThanOrEqual(most);
    },
  );
});
