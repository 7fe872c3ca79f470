import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TASK_TERMINATED, WORKER_STOPPING } from '@lovage/core';
import { runTask, TaskQueueModule } from '@lovage/nestjs';
import { Test, type TestingModule } from '@nestjs/testing';
import { readSettings } from '../../src/settings.js';
import { UploadFolder } from '../../src/uploads/upload-folder.js';
import { WordTasks } from '../../src/words/word.tasks.js';
import { textOf } from '../support/word-list.js';

const name = 'a'.repeat(32);

describe('words.count', () => {
  let base: string;
  let uploads: UploadFolder;
  let testing: TestingModule;

  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), 'lovage-sample-test-'));
    uploads = await UploadFolder.open({ ...readSettings({}), uploads: base });
    testing = await Test.createTestingModule({
      imports: [TaskQueueModule.forRoot()],
      providers: [WordTasks, { provide: UploadFolder, useValue: uploads }],
    }).compile();
  });

  afterEach(async () => {
    await testing.close();
    await rm(base, { recursive: true });
  });

  it('leaves the process free for other work while it counts', async () => {
    const { text } = textOf(4 * 1024 * 1024);
    await writeFile(uploads.pathOf(name), text);
    let counting = true;
    let turns = 0;
    const turn = (): void => {
      turns += 1;
      if (counting) setImmediate(turn);
    };
    turn();
    await runTask(testing, WordTasks, 'count', [name]);
    counting = false;
    // 64 pieces are read; other work comes in between about each two of them.
    expect(turns).toBeGreaterThan(32);
  });

  it('reports its progress some fifty times, however large the file is', async () => {
    const reports: unknown[] = [];
    const updateState = (state: string, meta: unknown): Promise<void> => {
      reports.push([state, meta]);
      return Promise.resolve();
    };
    const { text } = textOf(8 * 1024 * 1024);
    await writeFile(uploads.pathOf(name), text);
    await runTask(testing, WordTasks, 'count', [name], { updateState });
    expect(reports.length).toBeGreaterThanOrEqual(40);
    expect(reports.length).toBeLessThanOrEqual(50);
    expect(reports).toEqual(
      reports.map(() => ['PROGRESS', { current: expect.any(Number), total: text.length }]),
    );
  });

  it.each([
    ['removes the file when it was revoked', TASK_TERMINATED, []],
    ['keeps the file for the next run when the worker stops', WORKER_STOPPING, [name]],
  ])('ends at the abort of its signal, and %s', async (_what, reason, left) => {
    const error = reason.create({ taskId: 'id', taskName: 'words.count' });
    const stop = new AbortController();
    await writeFile(uploads.pathOf(name), textOf(1024 * 1024).text);
    const updateState = (): Promise<void> => {
      stop.abort(error);
      return Promise.resolve();
    };
    const run = runTask(testing, WordTasks, 'count', [name], { updateState, signal: stop.signal });
    await expect(run).rejects.toBe(error);
    expect(await readdir(uploads.path)).toEqual(left);
  });

  it('says that an upload is gone', async () => {
    await expect(runTask(testing, WordTasks, 'count', [name])).rejects.toThrow('upload the file again');
  });
});
