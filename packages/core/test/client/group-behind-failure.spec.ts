import { chain, group } from '../../src/client/canvas/compose.js';
import { closeTestApps, testApp } from '../support/test-app.js';

afterEach(closeTestApps);

/** A group behind a task that has failed in a worker that tells its members nothing, as one of Python. */
async function groupBehindFailure() {
  const { app, clock } = await testApp({}, { worker: false, queues: ['celery'] });
  const { client, stores } = app;
  const first = client.signature<number>('py.fails', { taskId: 'first' });
  const member = client.signature<number>('py.add', { args: [1] });
  const result = await chain(first, group([member, member])).delay();
  const document = JSON.stringify({
    status: 'FAILURE',
    result: { exc_type: 'ValueError', exc_message: ['bang'], exc_module: 'builtins' },
    traceback: null,
    children: [],
    date_done: null,
    task_id: 'first',
  });
  await stores.results?.put({
    results: [{ taskId: 'first', state: 'FAILURE', document }],
    deadline: stores.deadline(),
  });
  return { result, clock };
}

it('ends the wait for the group with the error of that task', async () => {
  const { result, clock } = await groupBehindFailure();
  const ended = expect(result.get()).rejects.toMatchObject({ message: 'bang' });
  for (let second = 0; second < 10; second += 1) await clock.advance(1000);
  await ended;
});

it('ends the iteration, too', async () => {
  const { result, clock } = await groupBehindFailure();
  const ended = expect(result.iterate().next()).rejects.toMatchObject({ message: 'bang' });
  for (let second = 0; second < 10; second += 1) await clock.advance(1000);
  await ended;
});
