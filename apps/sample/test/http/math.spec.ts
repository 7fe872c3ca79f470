import request from 'supertest';
import { RunningSample } from '../support/running-sample.js';
import { finishedTask, readTask } from '../support/task-requests.js';
import { waitFor } from '@lovage/services';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

describe('math', () => {
  let sample: RunningSample;

  beforeAll(async () => {
    sample = await RunningSample.start();
  });

  afterAll(async () => {
    await sample.stop();
  });

  async function submit(operation: string, body: object): Promise<string> {
    const response = await request(sample.url).post(`/math/${operation}`).send(body).expect(202);
    return (response.body as { id: string }).id;
  }

  it('answers 202, the id, and where to ask for it', async () => {
    const response = await request(sample.url).post('/math/add').send({ x: 2, y: 3 }).expect(202);
    const { id } = response.body as { id: string };
    expect(response.body).toEqual({ id: expect.stringMatching(uuid) });
    expect(response.headers['location']).toBe(`/tasks/${id}`);
    await request(sample.url)
      .get(response.headers['location'] ?? '')
      .expect(200);
  });

  it('adds', async () => {
    const id = await submit('add', { x: 0.5, y: -3 });
    expect(await finishedTask(sample.url, id)).toMatchObject({
      id,
      state: 'SUCCESS',
      ready: true,
      result: -2.5,
    });
  });

  it('multiplies slowly, and tells how far it is', async () => {
    const id = await submit('mul', { x: 6, y: 7 });
    const running = await waitFor(
      async () => {
        const view = await readTask(sample.url, id);
        return view.state === 'PROGRESS' ? view : undefined;
      },
      { withinMs: 30_000, what: 'mul reports progress' },
    );
    expect(running).toMatchObject({ ready: false, progress: { current: expect.any(Number), total: 6 } });
    expect(await finishedTask(sample.url, id)).toMatchObject({ state: 'SUCCESS', result: 42 });
  });

  it('counts primes, lets others run meanwhile, and can be stopped on the way', async () => {
    const id = await submit('primes', { below: 100_000 });
    expect(await finishedTask(sample.url, id)).toMatchObject({ state: 'SUCCESS', result: 9592 });

    const long = await submit('primes', { below: 50_000_000 });
    await waitFor(async () => (await readTask(sample.url, long)).state !== 'PENDING', {
      withinMs: 30_000,
      what: 'the primes are counted',
    });
    // The event loop on which they are counted has time for others.
    const other = await submit('add', { x: 2, y: 3 });
    expect(await finishedTask(sample.url, other)).toMatchObject({ state: 'SUCCESS', result: 5 });
    await request(sample.url).delete(`/tasks/${long}?terminate=true`).expect(202);
    expect(await finishedTask(sample.url, long)).toMatchObject({ state: 'REVOKED', ready: true });
  });

  it.each([[1], [50_000_001], [2.5], ['7']])('counts no primes below %j', async (below) => {
    await request(sample.url).post('/math/primes').send({ below }).expect(400);
  });

  it('shows the error of a division by zero, and goes on', async () => {
    const id = await submit('divide', { x: 6, y: 0 });
    const failed = await finishedTask(sample.url, id);
    expect(failed).toMatchObject({
      state: 'FAILURE',
      error: { type: 'RangeError', message: 'cannot divide 6 by zero' },
    });
    expect(failed).not.toHaveProperty('result');
    const next = await submit('divide', { x: 6, y: 3 });
    expect(await finishedTask(sample.url, next)).toMatchObject({ state: 'SUCCESS', result: 2 });
  });

  it('stops a multiplication that is revoked while it runs', async () => {
    const id = await submit('mul', { x: 6, y: 7 });
    await waitFor(async () => (await readTask(sample.url, id)).state !== 'PENDING', {
      withinMs: 30_000,
      what: 'mul runs',
    });
    await request(sample.url).delete(`/tasks/${id}?terminate=true`).expect(202);
    expect(await finishedTask(sample.url, id)).toMatchObject({ state: 'REVOKED', ready: true });
  });

  it.each([
    ['nothing', '', ['x must be a number', 'y must be a number']],
    ['an empty object', '{}', ['x must be a number', 'y must be a number']],
    ['text', '{"x":"1","y":2}', ['x must be a number']],
    ['null', '{"x":1,"y":null}', ['y must be a number']],
    ['a list', '{"x":[1],"y":2}', ['x must be a number']],
    ['a property too many', '{"x":1,"y":2,"z":3}', ['property z should not exist']],
    ['what a prototype would have', '{"x":1,"__proto__":{"y":2}}', ['y must be a number']],
    ['a number that is none', '{"x":1e999,"y":2}', ['x must be a number']],
  ])('refuses %s with 400', async (_what, body, problems) => {
    const response = await request(sample.url).post('/math/add').type('json').send(body).expect(400);
    expect(response.body).toEqual({ statusCode: 400, error: 'Bad Request', message: problems });
  });

  it.each([
    ['a list in place of the object', '[{"x":1,"y":2}]'],
    ['text that is no JSON', '{"x":1,'],
    ['a bare number', '7'],
  ])('refuses %s with 400', async (_what, body) => {
    const response = await request(sample.url).post('/math/add').type('json').send(body).expect(400);
    expect(response.body).toMatchObject({ statusCode: 400, error: 'Bad Request' });
  });

  it('refuses thousands of brackets in each other without a look at them', async () => {
    const body = '['.repeat(40_000) + ']'.repeat(40_000);
    await request(sample.url).post('/math/add').type('json').send(body).expect(413);
  });

  it('refuses a body of another type with 400, and one that is too large with 413', async () => {
    await request(sample.url).post('/math/add').type('text').send('x=1&y=2').expect(400);
    await request(sample.url).post('/math/add').type('form').send('x=1&y=2').expect(400);
    await request(sample.url)
      .post('/math/add')
      .send({ x: 1, y: 2, z: 'z'.repeat(200_000) })
      .expect(413);
  });

  it('tells of tasks that were never sent with 404', async () => {
    const response = await request(sample.url).get('/tasks/00000000-0000-4000-8000-000000000000').expect(404);
    expect(response.body).toMatchObject({ statusCode: 404, code: 'LOVAGE_TASK_ID_UNKNOWN' });
  });
});
