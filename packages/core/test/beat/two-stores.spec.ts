import { createMemoryDriver } from '../../src/memory/memory-driver.js';
import type { Driver } from '../../src/ports/driver.js';
import { every } from '../../src/schedule/every.js';
import { BeatApps } from './beat-apps.js';

let apps: BeatApps;
beforeEach(() => {
  apps = new BeatApps();
});
afterEach(async () => await apps.close());

/** The broker of the project with the ledger of another store. */
async function apart(): Promise<Driver> {
  const url = new URL('memory://two-stores');
  // Both stay until the end of the test.
  await apps.ledgerOf(url);
  const { ledger } = createMemoryDriver(url, { clock: apps.clock, newId: () => 'id' });
  return { ...apps.driver(), ledger };
}

describe('a beat whose broker and ledger are two stores', () => {
  const entries = { one: { task: 'note', schedule: every(10) } };

  it('sends each tick once', async () => {
    await apps.worker();
    await apps.beat(entries, {}, 'a', await apart());
    await apps.beat(entries, {}, 'b', await apart());
    await apps.clock.advance(30_000);
    expect(apps.times).toEqual(['00:00:10', '00:00:20', '00:00:30']);
  });

  it('publishes again, with the same id, what the last leader has recorded and perhaps not published', async () => {
    await apps.worker();
    const driver = await apart();
    const broker = driver.broker as NonNullable<Driver['broker']>;
    const dying = new Proxy(broker, {
      get: (target, name): unknown => {
        if (name === 'publish') return async () => await new Promise(() => undefined);
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
    const first = await apps.beat(entries, {}, 'a', { ...driver, broker: dying });
    await apps.clock.advance(10_000);
    expect(apps.ran).toHaveLength(0);
    const stopping = apps.stop(first);
    await apps.clock.advance(5000);
    await stopping;
    await apps.beat(entries, {}, 'b', await apart());
    await apps.clock.advance(1);
    expect(apps.of('beat-tick').map(({ dueMs }) => new Date(dueMs).toISOString().slice(11, 19))).toEqual([
      '00:00:10',
    ]);
    expect(apps.ran).toHaveLength(1);
  });
});
