import type { WallMs } from '../../src/clock/clock.js';
import { crontab } from '../../src/schedule/crontab.js';
import { every } from '../../src/schedule/every.js';
import { solar } from '../../src/schedule/solar.js';
import { BeatApps } from './beat-apps.js';

const calm = { beat: { lease: '1m' } } as const;
const code = (name: string): unknown => expect.objectContaining({ code: `LOVAGE_${name}` });

let apps: BeatApps;
beforeEach(() => {
  apps = new BeatApps();
});
afterEach(async () => await apps.close());

describe('schedules that change while beats run', () => {
  it('are added, listed, changed, paused, resumed, run and deleted, from any process', async () => {
    await apps.worker();
    await apps.beat({}, calm);
    const { schedules } = await apps.beat({}, { beat: false });
    const added = await schedules.add('mine', { task: 'note', schedule: every(10), args: [1] });
    expect(added).toMatchObject({ name: 'mine', paused: false, declared: false, totalRunCount: 0 });
    expect(added.nextRunAt?.toISOString()).toBe('2026-01-01T00:00:10.000Z');
    await apps.clock.advance(10_000);
    expect(apps.times).toEqual(['00:00:10']);
    await schedules.change('mine', { schedule: crontab({ minute: '*' }), args: [2] });
    await apps.clock.advance(50_000);
    expect(apps.times).toEqual(['00:00:10', '00:01:00']);
    expect(apps.ran.at(-1)?.args).toEqual([2]);
    expect((await schedules.pause('mine')).nextRunAt).toBeUndefined();
    await apps.clock.advance(180_000);
    expect(apps.ran).toHaveLength(2);
    const [result] = await schedules.runNow('mine');
    await apps.clock.settle();
    expect(apps.ran.at(-1)).toMatchObject({ args: [2], taskId: result?.id });
    expect(await schedules.get('mine')).toMatchObject({
      totalRunCount: 3,
      lastTaskId: result?.id,
      paused: true,
    });
    await schedules.resume('mine');
    await apps.clock.advance(1000);
    // What was due while it was paused was not missed.
    expect(apps.ran).toHaveLength(3);
    await apps.clock.advance(60_000);
    expect(apps.ran).toHaveLength(4);
    await schedules.delete('mine');
    expect(await schedules.list()).toEqual([]);
    await apps.clock.advance(180_000);
    expect(apps.ran).toHaveLength(4);
  });

  it('are due from when they were added, however long it took to keep them', async () => {
    await apps.worker();
    const { schedules } = await apps.beat({}, { beat: false });
    let now: number = apps.clock.wallNow();
    const slow = jest.spyOn(apps.clock, 'wallNow').mockImplementation(() => (now += 700) as WallMs);
    const added = await schedules.add('mine', { task: 'note', schedule: every(1, { aligned: true }) });
    slow.mockRestore();
    await apps.beat({}, calm);
    await apps.clock.advance(10_000);
    expect(added.nextRunAt?.toISOString().slice(11, 19)).toBe(apps.times[0]);
  });

  it('survive a stop of all', async () => {
    const first = await apps.beat({}, calm);
    await first.schedules.add('mine', { task: 'note', schedule: every(10) });
    await apps.worker();
    await apps.stop(first);
    await apps.clock.advance(100_000);
    await apps.beat({}, calm);
    await apps.clock.advance(10_000);
    expect(apps.times).toEqual(['00:01:40', '00:01:50']);
  });

  it('hold for all beats when they change', async () => {
    await apps.worker();
    const first = await apps.beat({}, calm);
    const second = await apps.beat({}, calm);
    await second.schedules.add('mine', { task: 'note', schedule: every(10) });
    await apps.clock.advance(1000);
    await first.schedules.change('mine', { schedule: every(20) });
    await apps.clock.advance(1000);
    await apps.stop([first, second].find((app) => app.beat?.leads) as typeof first);
    await apps.clock.advance(20_000);
    expect(apps.times).toEqual(['00:00:21']);
  });

  it('are refused where they make no sense', async () => {
    const { schedules } = await apps.beat({}, calm);
    await schedules.add('mine', { task: 'note', schedule: every(10) });
    const add = async (entry: object, name = 'other') => await schedules.add(name, entry as never);
    await expect(add({ task: 'note', schedule: every(10) }, 'mine')).rejects.toEqual(
      code('SCHEDULE_DUPLICATE'),
    );
    for (const entry of [
      { task: 'note' },
      { schedule: 10 },
      { task: 'note', schedule: 10, every: 3 },
      { task: 'note', schedule: 10, args: {} },
      { task: 'note', schedule: 10, kwargs: [] },
      { task: 'note', schedule: 10, missed: 'all' },
      { task: 'note', schedule: 10, overlap: 'never' },
      { task: 'note', schedule: 10, perHost: 'logs.%x' },
      { task: 'note', schedule: 10, perHost: true, queue: 'q' },
      { task: 'note', schedule: '61 * * * *' },
    ])
      await expect(add(entry)).rejects.toEqual(code('SCHEDULE_INVALID'));
    for (const name of ['', '@a', 'x'.repeat(201)])
      await expect(add({ task: 'note', schedule: 10 }, name)).rejects.toEqual(code('SCHEDULE_INVALID'));
    await expect(schedules.change('none', {})).rejects.toEqual(code('SCHEDULE_UNKNOWN'));
    await expect(schedules.delete('none')).rejects.toEqual(code('SCHEDULE_UNKNOWN'));
    expect(await schedules.list()).toHaveLength(1);
  });

  it('check arguments as a call does, where the task is known', async () => {
    const worker = await apps.worker();
    worker.registry.announce({
      name: 'math.add',
      options: {},
      source: 'test',
      validate: () => {
        throw Object.assign(new TypeError('not two numbers'));
      },
    });
    const entry = { task: 'math.add', schedule: every(10), args: ['x'] };
    await expect(worker.schedules.add('sum', entry)).rejects.toThrow('not two numbers');
  });

  it('show one that can not be read, and go on', async () => {
    await apps.worker();
    const app = await apps.beat({}, calm);
    const deadline = app.stores.deadline();
    await app.stores.ledger?.putRecord({
      kind: 'schedule',
      id: 'bad',
      value: '{',
      expectedVersion: 0,
      deadline,
    });
    await app.schedules.add('good', { task: 'note', schedule: every(10) });
    await apps.clock.advance(10_000);
    expect(apps.ran).toHaveLength(1);
    expect(await app.schedules.list()).toMatchObject([
      { name: 'bad', problem: expect.stringContaining('can not be read') },
      { name: 'good', problem: undefined },
    ]);
    expect(apps.of('beat-problem')).toHaveLength(1);
  });
});

describe('schedules that the code declares', () => {
  const entry = { task: 'note', schedule: every(10) };

  it('are kept, changed and removed with the code', async () => {
    const first = await apps.beat({ a: entry, b: entry }, calm);
    expect((await first.schedules.list()).map(({ name, declared }) => [name, declared])).toEqual([
      ['a', true],
      ['b', true],
    ]);
    await apps.stop(first);
    const second = await apps.beat({ a: { ...entry, schedule: every(20) } }, calm);
    expect(await second.schedules.list()).toMatchObject([{ name: 'a', schedule: { seconds: 20 } }]);
  });

  it('keep what was changed while running, until the code changes', async () => {
    const first = await apps.beat({ a: entry, b: entry }, calm);
    await first.schedules.change('a', { schedule: every(77) });
    await first.schedules.pause('b');
    await apps.stop(first);
    const second = await apps.beat({ a: entry, b: entry }, calm);
    expect(await second.schedules.list()).toMatchObject([
      { schedule: { seconds: 77 } },
      { schedule: { seconds: 10 }, paused: true },
    ]);
    await apps.stop(second);
    const third = await apps.beat({ a: { ...entry, args: [1] }, b: { ...entry, args: [1] } }, calm);
    expect(await third.schedules.list()).toMatchObject([
      { schedule: { seconds: 10 }, args: [1], paused: false },
      { schedule: { seconds: 10 }, args: [1], paused: true },
    ]);
  });

  it('can not be deleted', async () => {
    const { schedules } = await apps.beat({ a: entry }, calm);
    await expect(schedules.delete('a')).rejects.toEqual(code('SCHEDULE_DECLARED'));
  });

  it('do not begin their interval anew at each start', async () => {
    await apps.worker();
    for (let start = 0; start < 4; start += 1) {
      const app = await apps.beat({ a: entry }, calm);
      await apps.clock.advance(4000);
      await apps.stop(app);
    }
    expect(apps.times).toEqual(['00:00:10']);
  });

  it('do not touch those that were added', async () => {
    const first = await apps.beat({ a: entry }, calm);
    await first.schedules.add('mine', entry);
    await apps.stop(first);
    const second = await apps.beat({}, calm);
    expect((await second.schedules.list()).map(({ name }) => name)).toEqual(['mine']);
  });

  it('are those of the options, in the form of Celery, too', async () => {
    await apps.worker({ queues: ['slow'] });
    const beatSchedule = {
      'every 10': { task: 'note', schedule: 10, args: [16, 16], options: { queue: 'slow', expires: 60 } },
      sunset: { task: 'note', schedule: solar('sunset', 52.5, 13.4) },
      rounded: { task: 'note', schedule: 60, relative: true, options: { routing_key: 'x', exchange: '' } },
    };
    const app = await apps.beat({}, { ...calm, beatSchedule });
    expect(await app.schedules.list()).toMatchObject([
      { name: 'every 10', schedule: { kind: 'every', seconds: 10 }, options: { queue: 'slow', expires: 60 } },
      { name: 'rounded', schedule: { relative: true }, options: { routingKey: 'x' } },
      { name: 'sunset' },
    ]);
    await apps.clock.advance(10_000);
    expect(apps.ran).toMatchObject([{ args: [16, 16] }]);
  });

  it('are refused together with all other options', async () => {
    await expect(
      apps.beat(
        {},
        { timezone: 'Mars', beat: { lease: 0.1 }, beatSchedule: { a: { task: '', schedule: 1 } } },
      ),
    ).rejects.toMatchObject({
      details: {
        problems: [{ option: 'beat.lease' }, { option: 'timezone' }, { option: 'beatSchedule["a"]' }],
      },
    });
  });

  it('of beats of different names are apart', async () => {
    const first = await apps.beat({ a: entry }, { beat: { name: 'one' } });
    const second = await apps.beat({ b: entry }, { beat: { name: 'two' } });
    expect((await first.schedules.list()).map(({ name }) => name)).toEqual(['a']);
    expect((await second.schedules.list()).map(({ name }) => name)).toEqual(['b']);
    expect([first.beat?.leads, second.beat?.leads]).toEqual([true, true]);
  });
});
