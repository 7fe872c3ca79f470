import { waitFor } from '@lovage/services';
import request from 'supertest';
import { RunningSample } from '../support/running-sample.js';
import { finishedTask } from '../support/task-requests.js';

describe('workflows', () => {
  let sample: RunningSample;

  beforeAll(async () => {
    sample = await RunningSample.start();
  });

  afterAll(async () => {
    await sample.stop();
  });

  async function submit(kind: string, body: object): Promise<{ id: string; location: string }> {
    const response = await request(sample.url).post(`/workflows/${kind}`).send(body).expect(202);
    const { id } = response.body as { id: string };
    return { id, location: response.headers['location'] ?? '' };
  }

  it.each([
    [[1, 2], 3],
    [[1, 2, 3, 4, 5], 15],
  ])('adds %j in a chain', async (numbers, sum) => {
    const { id, location } = await submit('chain', { numbers });
    expect(location).toBe(`/tasks/${id}`);
    expect(await finishedTask(sample.url, id)).toMatchObject({ state: 'SUCCESS', result: sum });
  });

  it('adds pairs in a group, in their order', async () => {
    const pairs = Array.from({ length: 20 }, (_, x) => ({ x, y: x }));
    const { id, location } = await submit('group', { pairs });
    expect(location).toBe(`/workflows/groups/${id}`);
    const view = await waitFor(
      async () => {
        const { body } = await request(sample.url).get(location).expect(200);
        return (body as { ready: boolean }).ready ? (body as unknown) : undefined;
      },
      { withinMs: 30_000, what: 'the group is over' },
    );
    expect(view).toEqual({
      id,
      ready: true,
      members: pairs.map(() => ({ id: expect.any(String), state: 'SUCCESS' })),
      result: pairs.map(({ x }) => 2 * x),
    });
  });

  it.each([[1], [20]])('adds the sums of %i pairs in a chord', async (length) => {
    const pairs = Array.from({ length }, (_, x) => ({ x, y: 1 }));
    const { id, location } = await submit('chord', { pairs });
    expect(location).toBe(`/tasks/${id}`);
    expect(await finishedTask(sample.url, id)).toMatchObject({
      state: 'SUCCESS',
      result: (length * (length + 1)) / 2,
    });
  });

  it.each([
    ['chain', {}, 'numbers must be an array'],
    ['chain', { numbers: [1] }, 'numbers must contain at least 2 elements'],
    [
      'chain',
      { numbers: Array.from({ length: 21 }, () => 1) },
      'numbers must contain no more than 20 elements',
    ],
    ['chain', { numbers: [1, '2'] }, 'each of numbers must be a number'],
    ['chain', { numbers: [1, 2], more: 3 }, 'property more should not exist'],
    ['group', { pairs: [] }, 'pairs must contain at least 1 elements'],
    ['group', { pairs: [{ x: 1 }] }, 'pairs.0.y must be a number'],
    ['chord', { pairs: 7 }, 'pairs must be an array'],
    ['chord', { pairs: [{ x: 1, y: 2, z: 3 }] }, 'pairs.0.property z should not exist'],
  ])('refuses for a %s %j', async (kind, body, problem) => {
    const response = await request(sample.url).post(`/workflows/${kind}`).send(body).expect(400);
    expect((response.body as { message: string[] }).message).toContain(problem);
  });

  it('does not know a group that nobody submitted', async () => {
    await request(sample.url).get('/workflows/groups/00000000-0000-4000-8000-000000000000').expect(404);
    await request(sample.url).get('/workflows/groups/x').expect(400);
  });
});
