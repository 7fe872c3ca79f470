import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ChildProgram, describeWith, waitFor } from '@lovage/services';
import { PythonAndLovage, withinMs } from '../support/python-and-lovage.js';

jest.setTimeout(180_000);

describeWith(['redis-server', 'celery'], 'beats of Lovage and of Python', () => {
  const stage = new PythonAndLovage();

  beforeAll(async () => await stage.start());
  afterEach(async () => await stage.end());
  afterAll(async () => await stage.close());

  it('a worker of Python executes what a beat of Lovage sends, once a tick', async () => {
    await stage.worker({ queues: ['for-python'] });
    const app = await stage.lovage({
      queues: ['for-python'],
      beat: true,
      beatSchedule: {
        sum: {
          task: 'interop.add',
          schedule: 1,
          args: [2, 3],
          options: { queue: 'for-python', expires: 60 },
        },
      },
    });
    const last = async () => (await app.schedules.get('sum')).lastTaskId;
    await waitFor(async () => (await last()) !== undefined, { withinMs, what: 'a tick' });
    expect(await app.client.result<number>(String(await last())).get({ timeout: '60s' })).toBe(5);
  });

  it('a worker of Lovage executes what a beat of Python sends', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lovage-python-beat-'));
    const ran: { readonly args: readonly unknown[]; readonly kwargs: unknown }[] = [];
    await stage.lovage(
      { queues: ['from-python'], worker: true },
      { 'interop.tick': (args, { kwargs }) => void ran.push({ args, kwargs }) },
    );
    const beat = new ChildProgram({
      name: 'celery beat',
      command: '/usr/bin/python3',
      args: ['-m', 'celery', '-A', 'beat_app', 'beat', '--schedule', join(folder, 'schedule')],
      cwd: fileURLToPath(new URL('.', import.meta.url)),
      env: { BROKER: stage.redis.url, PYTHONDONTWRITEBYTECODE: '1' },
    });
    await beat.start();
    try {
      await waitFor(() => ran.length >= 2, { withinMs, what: 'two ticks of Python' });
      expect(ran.find(({ args }) => args.length === 2)).toMatchObject({ args: ['python', 7] });
    } finally {
      await beat.kill();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
