import { keyOf } from '../../src/flags/flag.js';
import { readEnvironment } from '../../src/flags/read-environment.js';
import { workerFlags } from '../../src/flags/worker-flags.js';

describe('options in the environment', () => {
  it('are there for each option of a worker, each under a name of its own', () => {
    const names = workerFlags.map(({ env }) => env);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^LOVAGE_[A-Z_]+$/);
    expect(new Set(workerFlags.map(keyOf)).size).toBe(names.length);
  });

  it('are read as on the command line', () => {
    const env = {
      LOVAGE_QUEUES: 'a,b',
      LOVAGE_CONCURRENCY: '4',
      LOVAGE_MAX_TASKS_PER_CHILD: '100',
      LOVAGE_QUIET: '1',
      LOVAGE_BEAT: 'false',
      LOVAGE_HOSTNAME: '',
      UNRELATED: 'x',
    };
    expect(readEnvironment(workerFlags, env)).toStrictEqual({
      values: { queues: ['a', 'b'], concurrency: 4, maxTasksPerChild: 100, quiet: true, beat: false },
      problems: [],
    });
  });

  it('are told when they can not be, without what was given', () => {
    const { problems } = readEnvironment(workerFlags, { LOVAGE_POOL: 'secret', LOVAGE_QUIET: 'maybe' });
    expect(problems).toStrictEqual([
      'LOVAGE_POOL: expected one of async, threads, processes, prefork, solo',
      'LOVAGE_QUIET: expected true or false',
    ]);
  });
});
