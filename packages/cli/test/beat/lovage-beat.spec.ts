import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TaskApp } from '@lovage/core';
import { describeWith, freePort, RedisServer, waitFor } from '@lovage/services';
import { asBeat } from '../../src/beat/beat-role.js';
import { appPath, compileCommand, LovageCommands, withinMs } from '../support/lovage-command.js';

// It builds before it starts; only a failing test waits that long.
jest.setTimeout(240_000);

describeWith('redis-server', 'lovage beat', () => {
  const redis = new RedisServer();
  const commands = new LovageCommands();
  let url: string;
  let tests = 0;

  beforeAll(async () => {
    await Promise.all([redis.start(), compileCommand()]);
  });
  beforeEach(() => {
    tests += 1;
    url = `${redis.url}?keyPrefix=beat${tests}:`;
  });
  afterEach(async () => await commands.clear());
  afterAll(async () => await redis.close());

  const beat = async (...args: readonly string[]) => {
    const program = await commands.start(['beat', '-A', appPath('periodic.mjs'), '-b', url, ...args]);
    await program.waitForLine(/^beat ready\.$/, { withinMs });
    return program;
  };

  it('sends what workers run, and hands over when it is told to end', async () => {
    const worker = await commands.worker('periodic.mjs', ['-b', url]);
    const first = await beat();
    await worker.waitForLine(/^tick /, { withinMs });
    const second = await beat();
    first.signal('SIGTERM');
    expect(await first.exited).toMatchObject({ code: 0 });
    const reader = await TaskApp.create({ broker: url, worker: false });
    const count = async () => (await reader.schedules.get('often')).totalRunCount;
    const before = await count();
    await waitFor(async () => (await count()) > before + 1, { withinMs, what: 'ticks of the other beat' });
    await reader.close();
    second.signal('SIGTERM');
    expect(await second.exited).toMatchObject({ code: 0 });
    expect(new Set(worker.output('stdout').match(/^tick .*$/gm)).size).toBe(
      worker.output('stdout').match(/^tick .*$/gm)?.length,
    );
  });

  it('runs beside a worker with -B', async () => {
    const worker = await commands.worker('periodic.mjs', ['-b', url, '-B']);
    await worker.waitForLine(/^tick /, { withinMs });
    worker.signal('SIGTERM');
    expect(await worker.exited).toMatchObject({ code: 0 });
  });

  it('tells probes by file and port whether it runs, whether it leads or not', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lovage-health-'));
    try {
      const probed = [];
      for (const name of ['one', 'two']) {
        const [file, port] = [join(folder, name), await freePort()];
        const health = ['--health-port', String(port), '--health-host', '127.0.0.1', '--health-file', file];
        probed.push({ file, port, program: await beat(...health) });
      }
      for (const { file, port, program } of probed) {
        expect((await fetch(`http://127.0.0.1:${port}/ready`)).status).toBe(200);
        expect(existsSync(file)).toBe(true);
        program.signal('SIGTERM');
        expect(await program.exited).toMatchObject({ code: 0 });
        expect(existsSync(file)).toBe(false);
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('refuses the embedded store, and ends with a status', async () => {
    const { code, output } = await commands.run(['beat', '-A', appPath('periodic.mjs'), '-b', 'memory://']);
    expect([code, output]).toEqual([1, expect.stringContaining('memory://')]);
  });
});

describe('the options of an app that is a beat', () => {
  it('are its own with the flags over them, and no worker', () => {
    const own = {
      broker: 'redis://own',
      results: 'redis://own',
      worker: true,
      beat: { name: 'mine', lease: 9 },
    };
    expect(asBeat(own, { broker: 'redis://other', lease: 3 })).toEqual({
      broker: 'redis://other',
      results: 'redis://other',
      worker: false,
      beat: { name: 'mine', lease: 3 },
    });
    expect(asBeat({}, {})).toEqual({ worker: false, beat: {} });
  });
});
