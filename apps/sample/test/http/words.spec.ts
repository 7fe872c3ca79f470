import { once } from 'node:events';
import { connect } from 'node:net';
import { TaskClient, type TaskView } from '@lovage/nestjs';
import { waitFor } from '@lovage/services';
import request from 'supertest';
import type { GroupView } from '../../src/workflows/group-view.js';
import { RunningSample } from '../support/running-sample.js';
import { finishedTask } from '../support/task-requests.js';
import { textOf } from '../support/word-list.js';

const megabyte = 1024 * 1024;
const noFile = 'send a text file as multipart/form-data, in the field "file"';

// Files of 50 MB take their time on a busy machine.
jest.setTimeout(120_000);

describe('POST /words', () => {
  let sample: RunningSample;

  beforeAll(async () => {
    sample = await RunningSample.start();
  });

  afterAll(async () => {
    await sample.stop();
  });

  async function upload(content: string | Buffer, name = 'file.txt'): Promise<Response> {
    const form = new FormData();
    form.append('file', new Blob([new Uint8Array(Buffer.from(content))]), name);
    return await fetch(`${sample.url}/words`, { method: 'POST', body: form });
  }

  async function countOf(content: string | Buffer): Promise<TaskView> {
    const response = await upload(content);
    expect(response.status).toBe(202);
    const { id } = (await response.json()) as { id: string };
    expect(response.headers.get('location')).toBe(`/tasks/${id}`);
    return await finishedTask(sample.url, id);
  }

  /** By a task of its own, behind the count. */
  async function filesAreRemoved(): Promise<void> {
    await waitFor(async () => (await sample.storedUploads()).length === 0, {
      withinMs: 30_000,
      what: 'the files are removed',
    });
  }

  it('counts the words of a file, and removes it', async () => {
    expect(await countOf('To be, or not to be: that is the question.')).toMatchObject({
      state: 'SUCCESS',
      result: {
        words: 10,
        distinct: 8,
        complete: true,
        top: expect.arrayContaining([
          { word: 'to', count: 2 },
          { word: 'be', count: 2 },
        ]),
      },
    });
    await filesAreRemoved();
  });

  it('counts the parts of a large file side by side, and tells how far each is', async () => {
    const { text, words, lovages } = textOf(20 * megabyte);
    const sent = (await (await upload(text)).json()) as { id: string; group: string };
    const group = async (): Promise<GroupView> => {
      const response = await request(sample.url).get(`/workflows/groups/${sent.group}`).expect(200);
      return response.body as GroupView;
    };
    const seen = await waitFor(
      async () => {
        const { members } = await group();
        expect(members).toHaveLength(6);
        return members.find(({ state }) => state === 'PROGRESS');
      },
      { withinMs: 60_000, what: 'a part tells how far it is' },
    );
    expect(seen?.progress).toEqual({ current: expect.any(Number), total: expect.any(Number) });
    const view = await finishedTask(sample.url, sent.id);
    expect(view).toMatchObject({ state: 'SUCCESS', result: { words, distinct: 6 } });
    expect(view.result).toMatchObject({ top: expect.arrayContaining([{ word: 'lovage', count: lovages }]) });
    const { ready, result } = await group();
    expect(ready).toBe(true);
    expect((result as number[]).reduce((sum, part) => sum + part, 0)).toBe(words);
    await filesAreRemoved();
  });

  it('stops a count of which all parts are revoked, and removes the file', async () => {
    const sent = (await (await upload(textOf(40 * megabyte).text)).json()) as { id: string; group: string };
    await request(sample.url).delete(`/workflows/groups/${sent.group}`).expect(202);
    expect(await finishedTask(sample.url, sent.id)).toMatchObject({ state: 'FAILURE', ready: true });
    await filesAreRemoved();
  });

  it('finds no words in an empty file', async () => {
    expect(await countOf('')).toMatchObject({ state: 'SUCCESS', result: { words: 0, distinct: 0, top: [] } });
    await filesAreRemoved();
  });

  it('fails for a file that is no text, and removes it', async () => {
    const picture = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
    expect(await countOf(picture)).toMatchObject({
      state: 'FAILURE',
      error: {
        type: 'ChordError',
        message: expect.stringContaining('the file is no text in UTF-8'),
      },
    });
    await filesAreRemoved();
  });

  it('takes a file of 50 MB, and refuses one byte more with 413 and without a trace', async () => {
    const { text } = textOf(50 * megabyte);
    const largest = Buffer.from(text).subarray(0, 50 * megabyte);
    expect(await countOf(largest)).toMatchObject({ state: 'SUCCESS' });
    await filesAreRemoved();

    const refused = await upload(Buffer.concat([largest, Buffer.from('x')]));
    expect(refused.status).toBe(413);
    expect(await refused.json()).toEqual({
      statusCode: 413,
      error: 'Payload Too Large',
      message: ['the file is larger than 50 MB'],
    });
    expect(await sample.storedUploads()).toEqual([]);
  });

  it('refuses a request without a file with 400', async () => {
    for (const response of [
      await request(sample.url).post('/words'),
      await request(sample.url).post('/words').send({ file: 'text' }),
      await request(sample.url).post('/words').type('text').send('just text'),
    ]) {
      expect(response.status).toBe(400);
      expect(response.body).toEqual({ statusCode: 400, error: 'Bad Request', message: [noFile] });
    }
  });

  it.each([
    [
      'a file in another field',
      () => request(sample.url).post('/words').attach('text', Buffer.from('a'), 'a.txt'),
    ],
    [
      'two files',
      () =>
        request(sample.url)
          .post('/words')
          .attach('file', Buffer.from('a'), 'a')
          .attach('file', Buffer.from('b'), 'b'),
    ],
    [
      'a field beside the file',
      () => request(sample.url).post('/words').field('a', '1').attach('file', Buffer.from('a'), 'a'),
    ],
    [
      'a form without its boundary',
      () => request(sample.url).post('/words').type('multipart/form-data').send('x'),
    ],
    [
      'a form that is cut off',
      () =>
        request(sample.url)
          .post('/words')
          .set('Content-Type', 'multipart/form-data; boundary=b')
          .send('--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nhalf'),
    ],
  ])('refuses %s with 400 and keeps nothing', async (_what, send) => {
    const response = await send();
    expect(response.status).toBe(400);
    expect(response.body).toMatchObject({
      statusCode: 400,
      error: 'Bad Request',
      message: expect.anything(),
    });
    expect(await sample.storedUploads()).toEqual([]);
  });

  it('keeps nothing of an upload that breaks off, and takes it as no error', async () => {
    const errors: unknown[] = [];
    sample.app.useLogger({
      log: () => undefined,
      warn: () => undefined,
      error: (...what: unknown[]) => errors.push(what),
    });
    const { port, hostname } = new URL(sample.url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    const head = '--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n';
    socket.write(
      'POST /words HTTP/1.1\r\nHost: sample\r\nContent-Type: multipart/form-data; boundary=b\r\n' +
        `Content-Length: ${megabyte}\r\n\r\n${head}${'a '.repeat(1000)}`,
    );
    await waitFor(async () => (await sample.storedUploads()).length === 1, {
      withinMs: 30_000,
      what: 'the upload has begun',
    });
    socket.destroy();
    await filesAreRemoved();
    await request(sample.url).get('/').expect(200);
    sample.app.useLogger(false);
    expect(errors).toEqual([]);
    expect(await sample.storedUploads()).toEqual([]);
  });

  it('reads no file but uploads, whatever a message says', async () => {
    const client = sample.app.get(TaskClient);
    for (const name of ['../../../../etc/passwd', '/etc/passwd', '', 'a'.repeat(32)]) {
      const { id } = await client.send('words.map', { args: [name, 0, 1000] });
      expect(await finishedTask(sample.url, id)).toMatchObject({
        state: 'FAILURE',
        error: { message: expect.stringMatching(/is not the name of an upload|is not there any more/) },
      });
    }
  });
});
