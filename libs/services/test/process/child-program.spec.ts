import { ChildProgram, deadlineIn, waitFor } from '@lovage/services';
import { processRuns } from './process-probes.js';

// Programs start slowly on a busy machine; only a failing test waits that long.
jest.setTimeout(60_000);

const generous = { withinMs: 30_000 };

function node(script: string): ChildProgram {
  return new ChildProgram({ name: 'test program', command: process.execPath, args: ['-e', script] });
}

/** Runs until it is ended; tells its pid. */
const idle = `process.stdin.resume(); console.log('pid', process.pid); setInterval(() => {}, 1e6);`;
const deaf = `process.on('SIGTERM', () => console.log('not now')); ${idle}`;

describe('ChildProgram', () => {
  it('collects both output streams and the exit code', async () => {
    const program = node(`console.log('out'); console.error('err'); process.exitCode = 3;`);
    await program.start();
    await expect(program.exited).resolves.toStrictEqual({ code: 3, signal: null });
    expect(program.output('stdout')).toBe('out');
    expect(program.output('stderr')).toBe('err');
    expect(program.running).toBe(false);
  });

  it('waits for a line, whether it was written before or comes later', async () => {
    const program = node(
      `console.log('listening on 4711'); process.stdin.once('data', (d) => console.error('got ' + d)); `,
    );
    await program.start();
    const [, port] = await program.waitForLine(/listening on (\d+)/, generous);
    expect(port).toBe('4711');
    await expect(program.waitForLine(/LISTENING/gi, generous)).resolves.toMatchObject({ 0: 'listening' });
    program.write('hello\n');
    await expect(program.waitForLine(/^got hello$/, generous)).resolves.toBeTruthy();
    await program.stop();
  });

  it('says what the program wrote when it ends before the awaited line', async () => {
    const program = node(`console.error('no such file'); process.exit(2)`);
    await program.start();
    await expect(program.waitForLine(/ready/, generous)).rejects.toMatchObject({
      code: 'PROGRAM_EXITED',
      message:
        'test program exited with code 2 before it wrote a line like /ready/\n--- stderr\nno such file',
    });
  });

  it('says what the program wrote when the awaited line does not come', async () => {
    const program = node(idle);
    await program.start();
    await program.waitForLine(/pid/, generous);
    await expect(program.waitForLine(/ready/, { withinMs: 20 })).rejects.toMatchObject({
      code: 'WAITED_IN_VAIN',
      message: expect.stringMatching(
        /^test program wrote no line like \/ready\/ within 20 ms\n--- stdout\npid \d+$/,
      ) as unknown,
    });
    await program.stop();
  });

  it('says that a program is not there', async () => {
    const program = new ChildProgram({ command: '/nowhere/to-be-found' });
    await expect(program.start()).rejects.toMatchObject({
      code: 'PROGRAM_NOT_STARTED',
      message: expect.stringContaining('/nowhere/to-be-found installed?') as unknown,
    });
    await expect(program.stop()).resolves.toBeUndefined();
  });

  it('ends a program by SIGTERM', async () => {
    const program = node(idle);
    await program.start();
    await expect(program.stop()).resolves.toStrictEqual({ code: null, signal: 'SIGTERM' });
  });

  it('lets a program end by itself after SIGTERM', async () => {
    const program = node(`process.on('SIGTERM', () => { console.log('bye'); process.exit(0); }); ${idle}`);
    await program.start();
    await program.waitForLine(/pid/, generous);
    await expect(program.stop(deadlineIn(30_000))).resolves.toStrictEqual({ code: 0, signal: null });
    expect(program.output('stdout')).toContain('bye');
  });

  it('ends a program that does not listen by SIGKILL when the deadline has passed', async () => {
    const program = node(deaf);
    await program.start();
    await program.waitForLine(/pid/, generous);
    await expect(program.stop(deadlineIn(50))).resolves.toStrictEqual({ code: null, signal: 'SIGKILL' });
  });

  it('takes the earliest deadline when it is asked to stop twice', async () => {
    const program = node(deaf);
    await program.start();
    await program.waitForLine(/pid/, generous);
    const patient = program.stop(deadlineIn(1e6));
    await program.waitForLine(/not now/, generous);
    await program.stop(deadlineIn(0));
    await expect(patient).resolves.toStrictEqual({ code: null, signal: 'SIGKILL' });
  });

  it('ends a program that is suspended', async () => {
    const program = node(idle);
    await program.start();
    await program.waitForLine(/pid/, generous);
    program.signal('SIGSTOP');
    await expect(program.stop(deadlineIn(30_000))).resolves.toStrictEqual({ code: null, signal: 'SIGTERM' });
  });

  it('kills without asking', async () => {
    const program = node(deaf);
    await program.start();
    await program.waitForLine(/pid/, generous);
    await expect(program.kill()).resolves.toStrictEqual({ code: null, signal: 'SIGKILL' });
    expect(program.output('stdout')).not.toContain('not now');
  });

  it.each(['stop', 'kill'] as const)('takes the descendants along on %s', async (how) => {
    const program = node(
      `const { spawn } = require('node:child_process');
       spawn(process.execPath, ['-e', ${JSON.stringify(deaf)}], { stdio: 'inherit' });
       setInterval(() => {}, 1e6);`,
    );
    await program.start();
    const [, pid] = await program.waitForLine(/pid (\d+)/, generous);
    await program[how]();
    await waitFor(() => !processRuns(Number(pid)), { ...generous, what: 'the grandchild to be gone' });
    expect(program.running).toBe(false);
  });

  it('takes the descendants along when the program ends by itself', async () => {
    const program = node(
      `const { spawn } = require('node:child_process');
       const child = spawn(process.execPath, ['-e', ${JSON.stringify(idle)}], { stdio: ['ignore', 'pipe', 'inherit'] });
       child.stdout.once('data', (d) => { process.stdout.write(d, () => process.exit(0)); });`,
    );
    await program.start();
    const [, pid] = await program.waitForLine(/pid (\d+)/, generous);
    await program.exited;
    await waitFor(() => !processRuns(Number(pid)), { ...generous, what: 'the grandchild to be gone' });
    expect(program.running).toBe(false);
  });

  it('passes the environment on, with additions and removals', async () => {
    const program = new ChildProgram({
      command: '/bin/sh',
      args: ['-c', 'echo "[$ADDED] [${HOME-unset}]"'],
      env: { ADDED: 'yes', HOME: undefined },
    });
    await program.start();
    await program.exited;
    expect(program.output('stdout')).toBe('[yes] [unset]');
  });

  it('bears start and stop from many callers in any order', async () => {
    for (let round = 0; round < 10; round += 1) {
      const program = new ChildProgram({ command: '/bin/sleep', args: ['1000'] });
      const callers = Array.from({ length: 10 }, (_, i) => i);
      const starts = callers.map(async (i) => {
        const starting = program.start();
        if (i >= round) void program.stop();
        await starting;
      });
      const refusals = (await Promise.allSettled(starts)).filter(({ status }) => status === 'rejected');
      // The first stop comes after `round + 1` starts; those after it are refused.
      expect(refusals).toHaveLength(9 - round);
      expect(refusals).toStrictEqual(
        refusals.map(
          () =>
            expect.objectContaining({
              reason: expect.objectContaining({ code: 'PROGRAM_STOPPED' }) as unknown,
            }) as unknown,
        ),
      );
      await program.stop();
      expect(program.running).toBe(false);
      expect(processRuns(program.pid)).toBe(false);
    }
  });

  it('starts nothing after a stop', async () => {
    const program = node(idle);
    await expect(program.stop()).resolves.toBeUndefined();
    await expect(program.start()).rejects.toMatchObject({ code: 'PROGRAM_STOPPED' });
    expect(() => program.pid).toThrow('has not been started');
  });
});
