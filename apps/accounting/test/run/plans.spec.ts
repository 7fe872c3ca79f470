import fc from 'fast-check';
import { planFaults } from '../../src/faults/fault-plan.js';
import { plannedFaults } from '../../src/faults/fault-record.js';
import { Random } from '../../src/run/random.js';
import { idPattern, numberOf, taskIdOf, workMsOf } from '../../src/run/task-plan.js';

describe('what a seed decides', () => {
  it('is the same twice', () => {
    const plan = (): unknown => planFaults(20, plannedFaults, new Random(5));
    expect(plan()).toStrictEqual(plan());
  });

  it('is as many kills as asked for, and some of everything else', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.nat(), (kills, seed) => {
        const plan = planFaults(kills, plannedFaults, new Random(seed));
        expect(plan.filter(({ kind }) => kind === 'kill')).toHaveLength(kills);
        expect(new Set(plan.map(({ kind }) => kind)).size).toBe(plannedFaults.length);
        expect(plan.every(({ pauseMs }) => pauseMs >= 300 && pauseMs <= 700)).toBe(true);
      }),
    );
  });

  it('is as many of another kind as asked for, where nothing is killed', () => {
    const plan = planFaults(8, ['broker-kill', 'clients'], new Random(5));
    expect(plan.filter(({ kind }) => kind === 'clients')).toHaveLength(8);
    expect(plan.filter(({ kind }) => kind === 'broker-kill')).toHaveLength(4);
  });

  it('is as many restarts as asked for, half of them kills, with time in between', () => {
    const plan = planFaults(3, plannedFaults, new Random(5), 9);
    const restarts = plan.filter(({ kind }) => kind === 'broker-kill' || kind === 'broker-restart');
    expect(restarts.filter(({ kind }) => kind === 'broker-kill')).toHaveLength(4);
    expect(restarts).toHaveLength(9);
    expect(restarts.every(({ pauseMs }) => pauseMs >= 2000)).toBe(true);
    expect(plan.filter(({ kind }) => kind === 'kill')).toHaveLength(3);
    expect(planFaults(0, ['kill', 'broker-kill'], new Random(5), 4).map(({ kind }) => kind)).toStrictEqual([
      'broker-kill',
      'broker-kill',
    ]);
  });

  it('is an id for each number, that can be found again', () => {
    fc.assert(
      fc.property(fc.nat(0xffffffff), fc.nat(9_999_999), (seed, number) => {
        const id = taskIdOf(seed, number);
        expect(idPattern.exec(`{"id":"${id}"}`)?.[0]).toBe(id);
        expect(numberOf(id)).toBe(number);
      }),
    );
  });

  it('is short work, and long work for one of a hundred', () => {
    const times = Array.from({ length: 10_000 }, (_, number) => workMsOf(3, number));
    const long = times.filter((ms) => ms > 50);
    expect(times.every((ms) => (ms >= 5 && ms <= 50) || (ms >= 1000 && ms <= 2000))).toBe(true);
    expect(long.length).toBeGreaterThan(50);
    expect(long.length).toBeLessThan(200);
  });
});
