import { FollowerTable } from '../../src/client/follower-table.js';
import type { ResultFollower } from '../../src/client/result-follower.js';

const follower = (taskId: string): ResultFollower => ({
  taskId,
  onRecord: () => undefined,
  onError: () => undefined,
});

describe('the followers of a client', () => {
  const table = new FollowerTable();

  it('keep their places while others come and go', () => {
    const staying = Array.from({ length: 300 }, (_, index) => follower(`staying ${index}`));
    for (const one of staying) table.add(one);
    for (let index = 0; index < 5000; index += 1) {
      const passing = follower(`passing ${index}`);
      table.add(passing);
      expect(table.remove(passing)).toBe(true);
    }
    expect(table.size).toBe(300);
    for (const one of staying) expect(table.of(one.taskId)).toBe(one);
    expect(table.takeAll()).toEqual(staying);
    expect(table.size).toBe(0);
  });

  it('may be several of one id', () => {
    const [first, second] = [follower('a'), follower('a')];
    table.add(first);
    table.add(second);
    const told = table.of('a');
    expect(told).toEqual([first, second]);
    expect([table.has(first), table.follows('a'), table.follows('b')]).toEqual([true, true, false]);
    expect(table.remove(first)).toBe(false);
    expect(table.remove(first)).toBe(false);
    expect(told).toEqual([first, second]);
    expect(table.has(first)).toBe(false);
    expect(table.remove(second)).toBe(true);
    expect(table.remove(second)).toBe(false);
  });
});
