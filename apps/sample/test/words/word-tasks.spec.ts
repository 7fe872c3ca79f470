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

const partBytes = 64 * 1024 * 1024;

describe('the tasks that count words', () => {
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
    await runTask(testing, WordTasks, 'map', [name, 0, partBytes]);
    counting = false;
    // 64 pieces are read; other work comes in between about each two of them.
    expect(turns).toBeGreaterThan(32);
  });

  it('reports its progress some twenty times, however large the part is', async () => {
    const reports: unknown[] = [];
    const updateState = (state: string, meta: unknown): Promise<void> => {
      reports.push([state, meta]);
      return Promise.resolve();
    };
    const { text } = textOf(8 * 1024 * 1024);
    await writeFile(uploads.pathOf(name), text);
    await runTask(testing, WordTasks, 'map', [name, 0, partBytes], { updateState });
    expect(reports.length).toBeGreaterThanOrEqual(16);
    expect(reports.length).toBeLessThanOrEqual(20);
    expect(reports).toEqual(
      reports.map(() => ['PROGRESS', { current: expect.any(Number), total: text.length }]),
    );
  });

  it.each([
    ['it was revoked', TASK_TERMINATED],
    ['the worker stops', WORKER_STOPPING],
  ])(
    'ends at the abort of its signal when %s, and keeps the file, which others count too',
    async (_what, reason) => {
      const error = reason.create({ taskId: 'id', taskName: 'words.map' });
      const stop = new AbortController();
      await writeFile(uploads.pathOf(name), textOf(1024 * 1024).text);
      const updateState = (): Promise<void> => {
        stop.abort(error);
        return Promise.resolve();
      };
      const run = runTask(testing, WordTasks, 'map', [name, 0, partBytes], {
        updateState,
        signal: stop.signal,
      });
      await expect(run).rejects.toBe(error);
      expect(await readdir(uploads.path)).toEqual([name]);
    },
  );

  it('count parts and add them up, each again as often as one likes', async () => {
    const { text, words, lovages } = textOf(100_000);
    await writeFile(uploads.pathOf(name), text);
    const parts: number[] = [];
    for (const index of [0, 0, 1, 2, 3])
      parts[index] = await runTask(testing, WordTasks, 'map', [name, index, 30_000]);
    expect(parts.every((count) => count > 0)).toBe(true);
    const count = await runTask(testing, WordTasks, 'reduce', [parts, name]);
    expect(count).toMatchObject({ words, distinct: 6, complete: true });
    expect(count.top).toContainEqual({ word: 'lovage', count: lovages });
    // The worker died before the result was kept.
    expect(await runTask(testing, WordTasks, 'reduce', [parts, name])).toEqual(count);
    await runTask(testing, WordTasks, 'discard', [name, parts.length]);
    expect(await readdir(uploads.path)).toEqual([]);
  });

  it('discard what is there', async () => {
    await writeFile(uploads.pathOf(name), 'one two');
    await runTask(testing, WordTasks, 'map', [name, 0, partBytes]);
    await runTask(testing, WordTasks, 'discard', [name, 3]);
    expect(await readdir(uploads.path)).toEqual([]);
  });

  it('says that an upload is gone', async () => {
    await expect(runTask(testing, WordTasks, 'map', [name, 0, partBytes])).rejects.toThrow(
      'upload the file again',
    );
  });
});
