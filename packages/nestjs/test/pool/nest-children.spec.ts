import { ChildProgram } from '@lovage/services';
import { buildNestPrograms } from './nest-programs.js';

let programs: Awaited<ReturnType<typeof buildNestPrograms>>;

beforeAll(async () => {
  programs = await buildNestPrograms();
});

afterAll(async () => {
  await programs.remove();
});

interface Ran {
  /** What the parent says, by its first word, in order. */
  readonly said: (what: string) => readonly unknown[];
  readonly lines: readonly string[];
}

/** Runs the fixture to its end. */
async function run(pool: string, module?: string): Promise<Ran> {
  const program = new ChildProgram({
    command: process.execPath,
    args: [programs.main],
    env: { NODE_OPTIONS: undefined, FIXTURE_POOL: pool, FIXTURE_EXPORT: module, NO_COLOR: '1' },
  });
  await program.start();
  try {
    const { code } = await program.exited;
    const lines = program.output('stdout').split('\n');
    expect({ code, errors: program.output('stderr') }).toMatchObject({ code: 0 });
    const said = (what: string): readonly unknown[] =>
      lines
        .filter((line) => line.startsWith(`${what} `))
        .map((line) => JSON.parse(line.slice(what.length)) as unknown);
    return { said, lines };
  } finally {
    await program.kill();
  }
}

describe.each(['threads', 'processes'] as const)('a Nest application with the pool %s', (pool) => {
  it('is made once in each child, in which tasks run through guards, pipes and interceptors', async () => {
    const { said, lines } = await run(pool, 'ShopModule');
    expect(said('price')).toEqual([{ value: 5 }]);
    expect(said('stranger')).toMatchObject([{ remoteCode: 'LOVAGE_TASK_FORBIDDEN' }]);
    const [parent] = said('parent') as { pid: number; hostname: string }[];
    const places = said('where') as { pid: number; threadId: number }[];
    expect(places.map((place) => place.pid === parent?.pid)).toEqual(places.map(() => pool === 'threads'));
    expect(places.map(({ threadId }) => threadId === 0)).toEqual(places.map(() => pool === 'processes'));
    // Providers stay warm from task to task; the child that has died is replaced by one with new ones.
    expect(places).toMatchObject([
      { inside: true, runs: 1, hostname: parent?.hostname },
      { inside: true, runs: 2 },
      { inside: true, runs: 1 },
    ]);
    expect(said('die')).toMatchObject([{ remoteCode: 'LOVAGE_TASK_POISONOUS' }]);
    expect(lines.filter((line) => line === 'parent: made')).toHaveLength(1);
    expect(lines.filter((line) => line === 'child: made')).toHaveLength(2);
    // The one that died could not be closed.
    expect(lines.filter((line) => line === 'child: closed')).toHaveLength(1);
    expect(lines.filter((line) => line === 'parent: closed')).toHaveLength(1);
    expect(lines.join('\n')).toMatch(/WARN \[Shop\].* was here/);
    // A child is no worker of its own, so it tells nothing of Nest's start either.
    expect(lines.join('\n')).not.toContain('NestFactory');
  });

  it('may be made by a function of its own', async () => {
    const { said, lines } = await run(pool, 'makeContext');
    expect(said('price')).toEqual([{ value: 5 }]);
    expect(lines).toContain('child: own function');
  });
});

describe('an entry', () => {
  it.each([
    [undefined, 'it exports several modules (OtherModule, ShopModule)'],
    ['noModule', 'its export "noModule" is no module class and no function'],
    ['OtherModule', 'TaskAppDirectory'],
  ])('is refused at the start of the application when it names %s', async (name, problem) => {
    const { said } = await run('threads', name);
    expect(said('failed')).toMatchObject([
      { code: 'LOVAGE_POOL_CHILD_UNFIT', message: expect.stringContaining(problem) },
    ]);
  });
});
