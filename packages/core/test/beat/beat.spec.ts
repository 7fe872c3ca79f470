import type { PeriodicOptions } from '../../src/beat/periodic-entry.js';
import { Deadline } from '../../src/clock/deadline.js';
import { crontab } from '../../src/schedule/crontab.js';
import { every } from '../../src/schedule/every.js';
import type { ScheduleInput } from '../../src/schedule/schedule-input.js';
import { BeatApps, frozen } from './beat-apps.js';

const note = (schedule: ScheduleInput, options: PeriodicOptions = {}) => ({
  task: 'note',
  schedule,
  ...options,
});

/** For tests that take long by their clock: a lease is renewed seldom. */
const calm = { beat: { lease: '1h' } } as const;

let apps: BeatApps;
beforeEach(() => {
  apps = new BeatApps();
});
afterEach(async () => await apps.close());

describe('a beat', () => {
  it('sends what is due, when it is due, with its arguments', async () => {
    await apps.worker();
    await apps.beat({ greet: note(every(30), { args: ['hello'] }) });
    await apps.clock.advance(95_000);
    expect(apps.times).toEqual(['00:00:30', '00:01:00', '00:01:30']);
    expect(apps.ran[0]?.args).toEqual(['hello']);
  });

  it('sends crontabs by their zone', async () => {
    await apps.worker();
    await apps.beat({ report: note(crontab({ minute: 0, hour: 9, timezone: 'Asia/Shanghai' })) }, calm);
    await apps.clock.advance(2 * 86_400_000);
    expect(apps.ran.map(({ at }) => at)).toEqual(['2026-01-01T01:00:00Z', '2026-01-02T01:00:00Z']);
  });

  it('has no timers where there is nothing to send, and none after it stopped', async () => {
    const app = await apps.beat();
    expect(apps.clock.pending).toBe(0);
    await app.schedules.add('one', note(every(30)));
    await apps.clock.advance(1000);
    expect(apps.clock.pending).toBeGreaterThan(0);
    await apps.close();
    expect(apps.clock.pending).toBe(0);
  });

  it('may be stopped twice, before it started, and while it starts', async () => {
    const app = await apps.beat({ one: note(every(30)) });
    const deadline = Deadline.in(apps.clock, 0);
    await Promise.all([app.beat?.stop(deadline), app.beat?.stop(deadline)]);
    const other = await apps.beat({ one: note(every(30)) });
    const starting = other.beat?.start();
    await other.beat?.stop(deadline);
    await starting;
    await apps.close();
    expect(apps.clock.pending).toBe(0);
  });

  it('tells what it does', async () => {
    await apps.beat({ one: note(every(30)) });
    await apps.clock.advance(30_000);
    expect(apps.of('beat-leading')).toHaveLength(1);
    expect(apps.of('beat-tick')).toMatchObject([
      { schedule: 'one', taskName: 'note', outcome: 'sent', dueMs: Date.parse('2026-01-01T00:00:30Z') },
    ]);
  });

  it('gives the task of a tick the same id in every process, and names its queue', async () => {
    await apps.worker({ queues: ['own'] });
    await apps.beat({ one: note(every(30), { queue: 'own' }) });
    await apps.clock.advance(30_000);
    expect(apps.ran).toMatchObject([
      { taskId: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-/) },
    ]);
    const [{ taskId } = { taskId: '' }] = apps.ran;
    const reader = await apps.beat({}, { beat: false });
    expect(await reader.schedules.list()).toMatchObject([
      { name: 'one', lastTaskId: taskId, totalRunCount: 1 },
    ]);
  });

  it('sends what is due once, also when it comes to it late', async () => {
    await apps.worker();
    const app = await apps.beat({}, calm);
    await app.schedules.add('one', note(new Date('2026-01-01T00:00:10Z')));
    await apps.stop(app);
    await apps.clock.advance(60_000);
    await apps.beat({}, calm);
    await apps.clock.advance(60_000);
    expect(apps.times).toEqual(['00:01:00']);
  });

  it('goes on where one tick can not be sent', async () => {
    const app = await apps.beat({}, { createMissingQueues: false });
    await apps.worker();
    await app.schedules.add('lost', note(every(10), { queue: 'nowhere' }));
    await app.schedules.add('good', note(every(10)));
    await apps.clock.advance(25_000);
    expect(apps.times).toEqual(['00:00:10', '00:00:20']);
    expect(apps.of('beat-problem').map(({ schedule }) => schedule)).toEqual(['lost', 'lost']);
  });
});

describe('several beats', () => {
  const entries = { one: note(every(10)), two: note(every(15)) };

  it('send each tick once', async () => {
    await apps.worker();
    for (let beat = 0; beat < 5; beat += 1) await apps.beat(entries, {}, `host-${beat}`);
    await apps.clock.advance(60_000);
    expect(apps.times).toHaveLength(10);
    expect(new Set(apps.ran.map(({ taskId }) => taskId)).size).toBe(10);
    expect(apps.of('beat-leading')).toHaveLength(1);
  });

  it('go on at once when the leader stops', async () => {
    await apps.worker();
    const leader = await apps.beat(entries);
    const other = await apps.beat(entries);
    expect([leader.beat?.leads, other.beat?.leads]).toEqual([true, false]);
    await apps.clock.advance(12_000);
    await apps.stop(leader);
    expect(other.beat?.leads).toBe(true);
    await apps.clock.advance(18_000);
    expect(apps.times).toEqual(['00:00:10', '00:00:15', '00:00:20', '00:00:30', '00:00:30']);
  });

  it('go on when the leader does not answer, and make up for what it missed', async () => {
    await apps.worker();
    const ice = frozen(apps.driver());
    await apps.beat({ one: note(every(2), { missed: { all: '1m' } }) }, {}, 'cold', ice.driver);
    await apps.beat({ one: note(every(2), { missed: { all: '1m' } }) }, {}, 'warm');
    await apps.clock.advance(7000);
    expect(apps.ran).toHaveLength(3);
    ice.freeze();
    await apps.clock.advance(20_000);
    // What it had in hand comes late, and is refused.
    ice.thaw();
    await apps.clock.advance(20_000);
    const due = apps.of('beat-tick').map(({ dueMs }) => dueMs);
    expect(new Set(due).size).toBe(due.length);
    expect(apps.ran).toHaveLength(23);
    expect(new Set(apps.ran.map(({ taskId }) => taskId)).size).toBe(23);
    expect(apps.of('beat-following').map(({ hostname }) => hostname)).toContain('cold');
  });

  it('run what is per host once on each host, in the queue of the host', async () => {
    await apps.worker({ queues: ['logs.a', 'logs.b'] });
    const rotate = { rotate: note(every(10), { perHost: 'logs.%h' }) };
    await apps.beat(rotate, {}, 'a');
    await apps.beat(rotate, {}, 'b');
    await apps.beat(rotate, {}, 'b');
    await apps.clock.advance(20_000);
    expect(apps.times).toEqual(['00:00:10', '00:00:10', '00:00:20', '00:00:20']);
    expect(new Set(apps.ran.map(({ taskId }) => taskId)).size).toBe(4);
  });
});

describe('ticks that were missed', () => {
  /** Runs a beat for a while, none for ten minutes, and one again. */
  async function away(options: PeriodicOptions): Promise<readonly string[]> {
    await apps.worker();
    const entries = { one: note(crontab({ minute: '*' }), options) };
    await apps.stop(await apps.beat(entries));
    await apps.clock.advance(600_000 + 30_000);
    await apps.beat(entries);
    await apps.clock.advance(1);
    return apps.ran.map(({ taskId }) => taskId);
  }

  it('are not sent with "skip"', async () => {
    expect(await away({ missed: 'skip' })).toHaveLength(0);
    await apps.clock.advance(60_000);
    expect(apps.ran).toHaveLength(1);
  });

  it('are sent once by default', async () => {
    expect(await away({})).toHaveLength(1);
    await apps.clock.advance(60_000);
    expect(apps.ran).toHaveLength(2);
  });

  it('are all sent within a window', async () => {
    expect(await away({ missed: { all: '5m' } })).toHaveLength(5);
    const ticks = apps.of('beat-tick').map(({ dueMs }) => new Date(dueMs).toISOString().slice(14, 16));
    expect(ticks).toEqual(['06', '07', '08', '09', '10']);
  });
});

describe('overlap', () => {
  async function slow(overlap: 'skip' | 'queue' | 'allow'): Promise<() => Promise<void>> {
    let end: () => void = () => undefined;
    await apps.worker({}, async () => {
      await new Promise<void>((resolve) => {
        end = resolve;
      });
    });
    await apps.beat({ one: note(every(10), { overlap }) });
    return async () => {
      end();
      await apps.clock.settle();
    };
  }

  it('"allow" sends all the same', async () => {
    await slow('allow');
    await apps.clock.advance(30_000);
    expect(apps.times).toEqual(['00:00:10', '00:00:20', '00:00:30']);
  });

  it('"skip" sends none while the last one runs', async () => {
    const end = await slow('skip');
    await apps.clock.advance(35_000);
    expect(apps.times).toEqual(['00:00:10']);
    await end();
    await apps.clock.advance(10_000);
    expect(apps.times).toEqual(['00:00:10', '00:00:40']);
    expect(apps.of('beat-tick').map(({ outcome }) => outcome)).toEqual([
      'sent',
      'skipped',
      'skipped',
      'sent',
    ]);
  });

  it('"queue" sends one when the last one ends', async () => {
    const end = await slow('queue');
    await apps.clock.advance(35_000);
    expect(apps.times).toEqual(['00:00:10']);
    await end();
    await apps.clock.advance(1);
    expect(apps.ran).toHaveLength(2);
    await end();
    await apps.clock.advance(1000);
    expect(apps.ran).toHaveLength(2);
    expect(apps.of('beat-tick').map(({ outcome }) => outcome)).toEqual(['sent', 'queued', 'skipped', 'sent']);
  });

  it('"queue" is kept by the next leader', async () => {
    let end: () => void = () => undefined;
    await apps.worker({}, async () => {
      await new Promise<void>((resolve) => {
        end = resolve;
      });
    });
    const entries = { one: note(every(10), { overlap: 'queue' }) };
    const first = await apps.beat(entries);
    await apps.beat(entries);
    await apps.clock.advance(25_000);
    await apps.stop(first);
    expect(apps.ran).toHaveLength(1);
    end();
    await apps.clock.settle();
    await apps.clock.advance(1);
    expect(apps.ran).toHaveLength(2);
  });

  it('"queue" sends nothing for a schedule that was deleted, nor for another of its name', async () => {
    let end: () => void = () => undefined;
    await apps.worker({}, async (...args) => {
      if (args[0] === 'slow')
        await new Promise<void>((resolve) => {
          end = resolve;
        });
    });
    const app = await apps.beat();
    await app.schedules.add('one', note(every(10), { overlap: 'queue', args: ['slow'] }));
    await apps.clock.advance(25_000);
    expect(apps.ran).toHaveLength(1);
    await app.schedules.delete('one');
    await app.schedules.add('one', note(every('1h'), { overlap: 'queue', args: ['quick'] }));
    await apps.clock.advance(1000);
    end();
    await apps.clock.advance(60_000);
    expect(apps.ran.map(({ args }) => args[0])).toEqual(['slow']);
  });

  it('"queue" sends nothing for a schedule that is deleted while it is asked whether its task runs', async () => {
    let end: () => void = () => undefined;
    await apps.worker({}, async () => {
      await new Promise<void>((resolve) => {
        end = resolve;
      });
    });
    const app = await apps.beat();
    await app.schedules.add('one', note(every(10), { overlap: 'queue' }));
    await apps.clock.advance(25_000);
    const deleting = app.schedules.delete('one');
    end();
    await deleting;
    await apps.clock.advance(60_000);
    expect(apps.ran.length).toBeLessThanOrEqual(2);
    const { length } = apps.ran;
    end();
    await apps.clock.advance(60_000);
    expect(apps.ran).toHaveLength(length);
  });

  it('rules are refused where it can not be known', async () => {
    const app = await apps.beat();
    const entry = note(every(10), { overlap: 'skip', ignoreResult: true });
    await expect(app.schedules.add('one', entry)).rejects.toMatchObject({ code: 'LOVAGE_SCHEDULE_INVALID' });
    const without = await apps.beat({}, { results: false });
    await expect(without.schedules.add('one', note(every(10), { overlap: 'queue' }))).rejects.toMatchObject({
      code: 'LOVAGE_SCHEDULE_INVALID',
    });
  });
});

describe('the clock', () => {
  it('set back: what was sent is not sent again', async () => {
    await apps.worker();
    await apps.beat({ one: note(crontab({ minute: '*' })), two: note(every(60, { aligned: true })) });
    await apps.clock.advance(125_000);
    expect(apps.ran).toHaveLength(4);
    apps.clock.stepWall(-120_000);
    await apps.clock.advance(115_000);
    expect(apps.ran).toHaveLength(4);
    await apps.clock.advance(60_000);
    expect(apps.ran).toHaveLength(6);
    expect(new Set(apps.ran.map(({ taskId }) => taskId)).size).toBe(6);
  });

  it('set back: intervals go on', async () => {
    await apps.worker();
    await apps.beat({ one: note(every(10)) });
    await apps.clock.advance(20_000);
    apps.clock.stepWall(-86_400_000);
    await apps.clock.advance(20_000);
    expect(apps.ran.length).toBeGreaterThanOrEqual(3);
  });

  it('set back by hours: schedules by the clock do not stand still', async () => {
    await apps.worker();
    const entries = {
      cron: note(crontab({ minute: '*' }), { args: ['cron'] }),
      aligned: note(every(60, { aligned: true }), { args: ['aligned'] }),
      once: note(new Date('2026-01-01T00:01:30Z'), { args: ['once'] }),
    };
    const app = await apps.beat(entries);
    apps.clock.stepWall(86_400_000);
    await apps.clock.advance(60_000);
    const count = (name: string): number => apps.ran.filter(({ args }) => args[0] === name).length;
    const before = { cron: count('cron'), aligned: count('aligned') };
    expect([before.cron, before.aligned, count('once')].every((runs) => runs >= 1)).toBe(true);
    apps.clock.stepWall(-86_400_000);
    const next = (await app.schedules.get('cron')).nextRunAt;
    expect(next).toEqual(new Date('2026-01-01T00:02:00Z'));
    await apps.clock.advance(180_000);
    expect(count('cron') - before.cron).toBeGreaterThanOrEqual(2);
    expect(count('aligned') - before.aligned).toBeGreaterThanOrEqual(2);
    expect(count('once')).toBe(1);
  });

  it('set back by hours while no beat ran: the next one does not stand still either', async () => {
    await apps.worker();
    const first = await apps.beat({ one: note(crontab({ minute: '*' })) });
    await apps.clock.advance(61_000);
    await apps.stop(first);
    expect(apps.ran).toHaveLength(1);
    apps.clock.stepWall(-4 * 3_600_000);
    await apps.beat({ one: note(crontab({ minute: '*' })) });
    await apps.clock.advance(60_000);
    expect(apps.ran).toHaveLength(2);
  });

  it('set forward: what was passed over is a missed tick', async () => {
    await apps.worker();
    await apps.beat({ one: note(crontab({ minute: 0 })) }, { beat: { lease: '1m' } });
    apps.clock.stepWall(3 * 3_600_000 + 60_000);
    // The beat notices when it renews its lease.
    await apps.clock.advance(21_000);
    expect(apps.ran).toHaveLength(1);
    await apps.clock.advance(3_600_000);
    expect(apps.ran).toHaveLength(2);
  });
});

describe('jitter', () => {
  it('delays each tick by a part of it, the same in every process, and changes none', async () => {
    await apps.worker();
    await apps.beat({ one: note(crontab({ minute: '*' }), { jitter: '30s' }) }, calm);
    await apps.clock.advance(20 * 60_000);
    const ticks = apps.of('beat-tick');
    expect(ticks.length).toBeGreaterThanOrEqual(19);
    const delays = ticks.map(({ dueMs, timestampMs }) => timestampMs - dueMs);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...delays)).toBeLessThan(30_000);
    expect(new Set(delays).size).toBeGreaterThan(10);
    expect(ticks.every(({ dueMs }) => dueMs % 60_000 === 0)).toBe(true);
  });
});
