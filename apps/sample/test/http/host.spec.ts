import { hostname } from 'node:os';
import request from 'supertest';
import { RunningSample } from '../support/running-sample.js';
import { finishedTask } from '../support/task-requests.js';

describe('GET /host/hostname', () => {
  let sample: RunningSample;

  beforeAll(async () => {
    sample = await RunningSample.start();
  });

  afterAll(async () => {
    await sample.stop();
  });

  it.each(['', '?async=0'])('answers the name itself when asked with "%s"', async (query) => {
    const response = await request(sample.url).get(`/host/hostname${query}`).expect(200);
    expect(response.body).toEqual({ hostname: hostname() });
  });

  it('submits a task with async=1, and answers its result with task_id when it is finished', async () => {
    const submitted = await request(sample.url).get('/host/hostname?async=1').expect(202);
    const { id } = submitted.body as { id: string };
    expect(submitted.headers['location']).toBe(`/tasks/${id}`);

    const early = await request(sample.url).get(`/host/hostname?task_id=${id}`).expect(200);
    expect(early.body).toEqual({ id, state: 'PENDING', message: 'not finished yet' });

    await finishedTask(sample.url, id);
    const late = await request(sample.url).get(`/host/hostname?task_id=${id}`).expect(200);
    expect(late.body).toEqual({ id, state: 'SUCCESS', result: { hostname: hostname() } });
  });

  it('answers the error of a task that failed', async () => {
    const submitted = await request(sample.url).post('/math/divide').send({ x: 1, y: 0 }).expect(202);
    const { id } = submitted.body as { id: string };
    await finishedTask(sample.url, id);
    const response = await request(sample.url).get(`/host/hostname?task_id=${id}`).expect(200);
    expect(response.body).toEqual({
      id,
      state: 'FAILURE',
      error: { type: 'RangeError', message: 'cannot divide 1 by zero' },
    });
  });

  const malformedId = 'task_id must be the id (a UUID) that ?async=1 has answered';
  it.each([
    ['async=2', 'async must be 1 or 0'],
    ['async=true', 'async must be 1 or 0'],
    ['async=', 'async must be 1 or 0'],
    ['async=1&async=1', 'async must be 1 or 0'],
    ['task_id=7', malformedId],
    ['task_id=', malformedId],
    ['task_id=../../etc/passwd', malformedId],
    ['task_id=00000000-0000-4000-8000-000000000000&async=1', 'give either async or task_id, not both'],
    ['task_id=00000000-0000-4000-8000-000000000000&async=0', 'give either async or task_id, not both'],
    ['asynch=1', 'property asynch should not exist'],
    ['async[]=1', 'property async[] should not exist'],
  ])('refuses ?%s with 400', async (query, problem) => {
    const response = await request(sample.url).get(`/host/hostname?${query}`).expect(400);
    expect(response.body).toEqual({ statusCode: 400, error: 'Bad Request', message: [problem] });
  });

  it('answers 404 for an id that was never sent', async () => {
    const id = '00000000-0000-4000-8000-000000000000';
    const response = await request(sample.url).get(`/host/hostname?task_id=${id}`).expect(404);
    expect(response.body).toMatchObject({ statusCode: 404, message: expect.stringContaining(id) });
  });
});
