import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ChildProgram, waitFor } from '@lovage/services';
import { compileServices, outsideJest } from './outside-jest.js';
import { processRuns } from './process-probes.js';

// Programs start slowly on a busy machine; only a failing test waits that long.
jest.setTimeout(60_000);

const generous = { withinMs: 30_000 };
/** Uses the guardian as a test process does: starts a program, has it and a folder watched, and tells their pids. */
const testProcess = `
  import { spawn } from 'node:child_process';
  import { writeFileSync } from 'node:fs';
  import { ProcessGuardian } from '@lovage/services';
  const folder = process.argv[1];
  const guardian = ProcessGuardian.start();
  const deaf = 'trap "" TERM INT HUP; sleep 1000 & wait; sleep 1000';
  const child = spawn('/bin/sh', ['-c', deaf], { detached: true, stdio: 'ignore' });
  guardian.watchGroup(child.pid);
  guardian.watchFolder(folder);
  writeFileSync(folder + '/file', 'x');
  console.log('watched ' + child.pid + ' by ' + guardian.shell.pid);
  process.stdin.once('data', (word) => {
    if (String(word).includes('release')) guardian.release();
    child.unref();
    process.stdin.destroy();
  });
`;

beforeAll(compileServices);

describe('ProcessGuardian', () => {
  let folder: string;
  let program: ChildProgram;
  let watched: number;
  let guardian: number;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'lovage guardian '));
    program = outsideJest(testProcess, [folder]);
    await program.start();
    const pids = await program.waitForLine(/watched (\d+) by (\d+)/, generous);
    watched = Number(pids[1]);
    guardian = Number(pids[2]);
    expect(processRuns(watched)).toBe(true);
  });

  afterEach(async () => {
    await program.kill();
  });

  it.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)(
    'kills the watched group and removes the folder when the process dies of %s',
    async (signal) => {
      program.signal(signal);
      await expect(program.exited).resolves.toStrictEqual({ code: null, signal });
      await waitFor(() => !processRuns(watched), { ...generous, what: 'the watched group to be gone' });
      await waitFor(() => !existsSync(folder), { ...generous, what: 'the watched folder to be gone' });
    },
  );

  it('does so too when the process ends without a release', async () => {
    program.write('end\n');
    await expect(program.exited).resolves.toStrictEqual({ code: 0, signal: null });
    await waitFor(() => !processRuns(watched), { ...generous, what: 'the watched group to be gone' });
    await waitFor(() => !existsSync(folder), { ...generous, what: 'the watched folder to be gone' });
  });

  it('does nothing after a release', async () => {
    program.write('release\n');
    await expect(program.exited).resolves.toStrictEqual({ code: 0, signal: null });
    await waitFor(() => !processRuns(guardian), { ...generous, what: 'the guardian to be gone' });
    expect(processRuns(watched)).toBe(true);
    expect(existsSync(join(folder, 'file'))).toBe(true);
    process.kill(-watched, 'SIGKILL');
    rmSync(folder, { recursive: true });
  });

  it('outlives a kill of the whole group of the process that started it', async () => {
    process.kill(-program.pid, 'SIGKILL');
    await waitFor(() => !processRuns(watched), { ...generous, what: 'the watched group to be gone' });
    await waitFor(() => !existsSync(folder), { ...generous, what: 'the watched folder to be gone' });
    await expect(program.exited).resolves.toStrictEqual({ code: null, signal: 'SIGKILL' });
  });
});
