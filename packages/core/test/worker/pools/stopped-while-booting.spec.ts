import { waitFor } from '@lovage/services';
import { Deadline } from '../../../src/clock/deadline.js';
import { makeApp } from '../../support/pool-app.js';
import { PoolPrograms } from '../../support/pool-programs.js';

let programs: PoolPrograms;

beforeAll(async () => {
  programs = await PoolPrograms.build();
});

afterAll(async () => {
  await programs.remove();
});

/** Applications that are never made: one that waits, and one that keeps its child from hearing anything. */
const entries = {
  waits: 'data:text/javascript,export default () => new Promise(() => setInterval(() => 0, 1e6))',
  computes: 'data:text/javascript,export default () => { for (;;); }',
};

describe.each(['threads', 'processes'] as const)('the pool %s', (pool) => {
  it.each(Object.entries(entries))(
    'is stopped while a child makes its application that %s; the start ends with the stop',
    async (_, module) => {
      const worker = { pool, concurrency: 2, entry: { module }, bootTimeout: '1h' } as const;
      const app = await makeApp({ options: { worker } }, { childPrograms: programs.children });
      const starting = app.start();
      await waitFor(() => (app.worker?.poolChildren.length ?? 0) > 0, {
        withinMs: 30_000,
        what: 'there is a child',
      });
      await app.stop(Deadline.in(app.clock, 10_000));
      await starting;
      expect(app.worker?.poolChildren).toEqual([]);
    },
  );
});
