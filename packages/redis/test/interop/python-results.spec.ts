import {
  defaultMessageLimits,
  decodeResult,
  encodedBytes,
  encodeResult,
  errorToJson,
  type ResultRecord,
  type ResultStore,
  type SerializerName,
  type StoredResult,
} from '@lovage/core';
import { CeleryClient, CeleryWorker, describeWith, RedisServer, waitFor } from '@lovage/services';
import { RedisViews } from '../support/redis-views.js';

// Python starts slowly on a busy machine; only a failing test waits that long.
jest.setTimeout(120_000);
const withinMs = 60_000;
const serializers = ['json', 'msgpack', 'yaml'] as const;
const acceptContent = new Set(['application/json', 'application/x-msgpack', 'application/x-yaml']);

const recordOf = (taskId: string, state: string, result: unknown): ResultRecord => ({
  taskId,
  state,
  result,
  traceback: undefined,
  children: [],
  dateDone: undefined,
  groupId: undefined,
  parentId: undefined,
  extended: undefined,
});

function written(record: ResultRecord, serializer: SerializerName = 'json'): StoredResult {
  const { taskId, state } = record;
  return { taskId, state, document: encodeResult(record, { serializer, limits: defaultMessageLimits }) };
}

const read = ({ document }: StoredResult): ResultRecord =>
  decodeResult(document, { acceptContent, limits: defaultMessageLimits });

describeWith(['redis-server', 'celery'], 'results with Python', () => {
  const redis = new RedisServer();
  const views = new RedisViews();
  let results: ResultStore;
  let client: CeleryClient;

  beforeAll(async () => {
    await redis.start();
    results = (await views.open(redis.url)).results as ResultStore;
    client = new CeleryClient({ broker: redis.url });
    await client.start();
  });

  afterAll(async () => {
    views.close();
    await client.stop();
    await redis.close();
  });

  async function put(result: StoredResult): Promise<string | undefined> {
    const [outcome] = await results.put({ results: [result], deadline: views.deadline() });
    return outcome?.kind;
  }

  async function get(taskId: string): Promise<StoredResult | undefined> {
    return (await results.get({ taskIds: [taskId], deadline: views.deadline() }))[0];
  }

  /** Whether a Python caller waits for it. */
  async function isAwaited(taskId: string): Promise<void> {
    await waitFor(
      async () => {
        const answer = await redis.command('PUBSUB', 'NUMSUB', `celery-task-meta-${taskId}`);
        return Array.isArray(answer) && Number(answer[1]) > 0;
      },
      { withinMs, what: 'Python to wait' },
    );
  }

  it('wake a Python caller that waits for them', async () => {
    const waiting = client.get('awaited');
    await isAwaited('awaited');
    await put(written(recordOf('awaited', 'STARTED', null)));
    await put(written(recordOf('awaited', 'SUCCESS', { sum: 5 })));
    await expect(waiting).resolves.toMatchObject({ status: 'SUCCESS', value: { sum: 5 } });
  });

  it('raise at a Python caller what failed here', async () => {
    const waiting = client.get('failed');
    await isAwaited('failed');
    await put(written(recordOf('failed', 'FAILURE', errorToJson(new RangeError('too far')))));
    await expect(waiting).resolves.toMatchObject({
      status: 'FAILURE',
      exception: { type: 'RangeError', args: ['too far'] },
    });
  });

  it('show a Python caller the state of a task of its own', async () => {
    await put(written(recordOf('progress', 'PROGRESS', { done: 1 })));
    await expect(client.peek('progress')).resolves.toMatchObject({ status: 'PROGRESS', value: { done: 1 } });
  });

  it('are forgotten by a Python caller', async () => {
    await put(written(recordOf('forgotten', 'SUCCESS', 1)));
    await client.forget('forgotten');
    expect(await get('forgotten')).toBeUndefined();
  });

  it.each(serializers)('of a Python worker are told, read and kept: %s', async (serializer) => {
    const queue = `python-${serializer}`;
    const settings = { result_serializer: serializer, task_track_started: true };
    const worker = new CeleryWorker({
      broker: redis.url,
      queues: [queue],
      hostname: `${queue}@test`,
      settings,
    });
    const told: string[] = [];
    const watch = results.watch({ listener: ({ taskId, state }) => told.push(`${taskId} ${state}`) });
    const [sum, failure] = [`sum-${serializer}`, `failure-${serializer}`];
    try {
      await worker.start();
      await watch.add({ taskIds: [sum, failure], deadline: views.deadline() });
      await client.send({ name: 'interop.add', args: [2, 3], options: { taskId: sum, queue } });
      await client.send({ name: 'interop.fail', args: ['boom'], options: { taskId: failure, queue } });
      await waitFor(() => told.length === 4, { withinMs, what: 'all states to be told' });
    } finally {
      await worker.kill();
      watch.close();
    }
    expect(told).toStrictEqual([
      `${sum} STARTED`,
      `${sum} SUCCESS`,
      `${failure} STARTED`,
      `${failure} FAILURE`,
    ]);
    const [kept, failed] = [await get(sum), await get(failure)];
    expect(kept && read(kept)).toMatchObject({ taskId: sum, state: 'SUCCESS', result: 5 });
    expect(failed && read(failed)).toMatchObject({ state: 'FAILURE', result: { exc_type: 'ValueError' } });
    expect(await put(written(recordOf(sum, 'FAILURE', null), serializer))).toBe('refused');
    expect(await put(written(recordOf(failure, 'STARTED', null), serializer))).toBe('refused');
    expect(await put(written(recordOf(failure, 'SUCCESS', 1), serializer))).toBe('stored');
  });

  it('of a chord are counted together, whoever ran the last part', async () => {
    const worker = new CeleryWorker({ broker: redis.url, queues: ['python'], hostname: 'chord@test' });
    const member = (taskId: string, queue: string): Record<string, never> =>
      ({
        task: 'interop.add',
        args: [1, 2],
        kwargs: {},
        options: { task_id: taskId, queue },
        subtask_type: null,
        immutable: false,
      }) as unknown as Record<string, never>;
    try {
      await worker.start();
      await client.apply({
        task: 'celery.chord',
        args: [],
        kwargs: {
          kwargs: {},
          header: [member('part-of-python', 'python'), member('part-of-ours', 'ours')],
          body: { ...member('body', 'ours'), task: 'interop.xsum', args: [] },
        },
        options: {},
        immutable: false,
        subtask_type: 'chord',
      });
      const parts = async (): Promise<string | undefined> =>
        ((await redis.command('KEYS', 'celery-taskset-meta-*.j')) as readonly string[])[0];
      await waitFor(parts, { withinMs, what: 'the part of the Python worker' });
      const groupId = String(await parts()).slice('celery-taskset-meta-'.length, -'.j'.length);
      const joined = await results.join({
        part: {
          groupId,
          taskId: 'part-of-ours',
          groupIndex: 1,
          document: '[1, "part-of-ours", "SUCCESS", 7]',
        },
        deadline: views.deadline(),
      });
      const documents = joined.kind === 'complete' ? joined.documents : [];
      expect(documents.map((one) => JSON.parse(encodedBytes(one).toString()) as unknown)).toStrictEqual([
        [1, 'part-of-python', 'SUCCESS', 3],
        [1, 'part-of-ours', 'SUCCESS', 7],
      ]);
      expect(await redis.command('KEYS', 'celery-taskset-meta-*')).toStrictEqual([]);
    } finally {
      await worker.kill();
    }
  });
});
