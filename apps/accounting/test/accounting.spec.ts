import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ChildProgram, describeWith } from '@lovage/services';
import { compileAccounting, compiled } from './support/compile-accounting.js';

describeWith('redis-server', 'an accounting run', () => {
  let folder: string;
  beforeAll(() => compileAccounting());
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lovage-test-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  async function accounting(...args: readonly string[]): Promise<{ status: number | null; last: string }> {
    const program = new ChildProgram({
      command: process.execPath,
      args: [compiled('main.js'), ...args],
      env: { LOVAGE_ARTIFACTS: folder },
    });
    await program.start();
    const { code } = await program.exited;
    return { status: code, last: program.output('stdout').split('\n').at(-1) ?? '' };
  }

  it('accounts for each task, and says so of its evidence later; a line that is missing is a lost task', async () => {
    const run = await accounting('--tasks', '300', '--kills', '2', '--faults', 'kill,clients', '--keep');
    expect(run.last).toMatch(
      /^sent 300 confirmed 300 done 300 parked 0 lost 0 duplicated \d+ unexplained 0$/,
    );
    expect(run.status).toBe(0);

    const [name = ''] = readdirSync(join(folder, 'accounting'));
    const evidence = join(folder, 'accounting', name);
    expect(JSON.parse(readFileSync(join(evidence, 'summary.json'), 'utf8'))).toMatchObject({
      status: 0,
      settings: { tasks: 300, kills: 2 },
      faults: { kill: 2, clients: 1 },
    });
    await expect(accounting('--check', evidence)).resolves.toStrictEqual({ status: 0, last: run.last });

    const results = join(evidence, 'results.jsonl');
    writeFileSync(results, readFileSync(results, 'utf8').replace(/^.*\n/, ''));
    const damaged = await accounting('--check', evidence);
    expect(damaged.last).toContain('done 299 parked 0 lost 1 ');
    expect(damaged.status).toBe(1);
  });

  it('says what it does not understand', async () => {
    await expect(accounting('--broker', 'pigeons')).resolves.toMatchObject({ status: 1 });
    await expect(accounting('--tasks', 'many')).resolves.toMatchObject({ status: 2 });
  });
});
