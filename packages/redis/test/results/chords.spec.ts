import { type ChordPart, encodedBytes, type Joined, type ResultStore } from '@lovage/core';
import { describeWith, RedisServer } from '@lovage/services';
import { RedisViews } from '../support/redis-views.js';

const base = 'celery-taskset-meta-g';
const parts = `${base}.j`;
const seen = 'lovage:joined:g';

/** A part as Python's workers and ours write it. */
const text = (taskId: string, value: unknown = null): string =>
  `[1, "${taskId}", "SUCCESS", ${JSON.stringify(value)}]`;

describeWith('redis-server', 'chords on Redis', () => {
  const redis = new RedisServer();
  let views: RedisViews;
  let results: ResultStore;

  beforeAll(async () => await redis.start());

  afterAll(async () => await redis.close());

  beforeEach(async () => {
    await redis.flush();
    views = new RedisViews();
    results = (await views.open(redis.url)).results as ResultStore;
    // As Python begins a chord.
    await redis.command('SET', `${base}.s`, 3);
  });

  afterEach(() => views.close());

  async function join(taskId: string, options: Partial<ChordPart> = {}): Promise<Joined> {
    const part = { groupId: 'g', taskId, document: text(taskId), ttlMs: 60_000, ...options };
    return await results.join({ part, deadline: views.deadline() });
  }

  /** What a Python worker does, but for the last step. */
  async function joinInPython(taskId: string, index: number, document = text(taskId)): Promise<void> {
    await redis.command('ZADD', parts, index, document);
    await redis.command('EXPIRE', parts, 86_400);
  }

  const documentsOf = (joined: Joined): readonly string[] =>
    joined.kind === 'complete' ? joined.documents.map((one) => encodedBytes(one).toString()) : [];

  it('count what Python workers have put there, and take their places', async () => {
    await joinInPython('b', 1);
    expect(await join('c', { groupIndex: 2 })).toStrictEqual({ kind: 'waiting', count: 2 });
    expect(await redis.command('ZRANGE', parts, 0, -1)).toStrictEqual([text('b'), text('c')]);
    expect(documentsOf(await join('a', { groupIndex: 0 }))).toStrictEqual(
      ['a', 'b', 'c'].map((id) => text(id)),
    );
  });

  it('leave nothing behind from which a Python worker would begin the body once more', async () => {
    for (const taskId of ['a', 'b', 'c']) await join(taskId);
    expect(await redis.command('KEYS', 'celery-*')).toStrictEqual([]);
    expect(Number(await redis.command('PTTL', seen))).toBeGreaterThan(0);
    await results.closeChord({ groupId: 'g', deadline: views.deadline() });
    expect(await redis.command('HGET', seen, 'documents')).toBeNull();
    expect(await redis.command('HMGET', seen, 'complete', 'by', 'closed')).toStrictEqual(['3', 'c', '1']);
  });

  it('are begun with the size where a Python worker looks for it, but not in the place of another one', async () => {
    const chord = {
      groupId: 'new',
      size: 2,
      owner: 'caller',
      record: '{}',
      ttlMs: 60_000,
      structure: '{"result":1}',
    };
    const open = async (groupId: string): Promise<string> =>
      (await results.openChord({ chord: { ...chord, groupId }, deadline: views.deadline() })).kind;
    expect(await open('new')).toBe('opened');
    expect(await redis.command('GET', 'celery-taskset-meta-new.s')).toBe('2');
    expect(await redis.command('GET', 'celery-taskset-meta-new')).toBe('{"result":1}');
    expect(Number(await redis.command('PTTL', 'celery-taskset-meta-new.s'))).toBeGreaterThan(50_000);
    expect(await open('g')).toBe('taken');
  });

  it('are forgotten among those that are open when a Python worker has completed them', async () => {
    const chord = { groupId: 'new', size: 1, owner: 'caller', record: '{}', ttlMs: 60_000 };
    await results.openChord({ chord, deadline: views.deadline() });
    await redis.command('DEL', 'celery-taskset-meta-new.s');
    expect(await results.openChords({ beforeMs: 9e15, limit: 1, deadline: views.deadline() })).toStrictEqual(
      [],
    );
    expect(await redis.command('ZCARD', 'lovage:chords')).toBe(0);
  });

  it('wait for as many parts as were added meanwhile', async () => {
    await redis.command('INCRBY', `${base}.t`, 2);
    for (const taskId of ['a', 'b', 'c', 'd']) expect((await join(taskId)).kind).toBe('waiting');
    expect((await join('e')).kind).toBe('complete');
  });

  it('are not completed by a part that was counted before, while a Python worker that came last does so', async () => {
    await join('a');
    await join('b');
    await joinInPython('c', 2);
    expect(await join('b')).toStrictEqual({ kind: 'waiting', count: 3 });
  });

  it('count a task once that ran at a Python worker and at one of ours', async () => {
    await joinInPython('a', 0, text('a', 'of Python'));
    await join('a', { groupIndex: 0, document: text('a', 'ours') });
    expect(await join('b', { groupIndex: 1 })).toStrictEqual({ kind: 'waiting', count: 2 });
    const documents = documentsOf(await join('c', { groupIndex: 2 }));
    expect(documents).toHaveLength(3);
    expect(documents.slice(1)).toStrictEqual([text('b'), text('c')]);
  });

  it('count parts with the same text, each in its place', async () => {
    const document = '"same"';
    expect(await join('a', { groupIndex: 2, document })).toStrictEqual({ kind: 'waiting', count: 1 });
    expect(await join('b', { groupIndex: 0, document })).toStrictEqual({ kind: 'waiting', count: 2 });
    expect(documentsOf(await join('c', { groupIndex: 1, document: 'other' }))).toStrictEqual([
      document,
      'other',
      document,
    ]);
  });

  it('use the list that Python has where it does not keep their order', async () => {
    await redis.command('RPUSH', parts, text('a'));
    expect(await join('b')).toStrictEqual({ kind: 'waiting', count: 2 });
    expect(documentsOf(await join('c'))).toStrictEqual([text('a'), text('b'), text('c')]);
    expect(await redis.command('EXISTS', parts)).toBe(0);
  });

  it('do without the key of Celery where something else is kept there, and leave it alone', async () => {
    await redis.command('SET', parts, 'something else');
    await redis.command('HSET', `${base}.t`, 'x', 1);
    await join('a', { groupIndex: 0 });
    await join('b', { groupIndex: 2 });
    expect(documentsOf(await join('c', { groupIndex: 1 }))).toStrictEqual([text('a'), text('c'), text('b')]);
    expect(await redis.command('GET', parts)).toBe('something else');
  });

  it('take what has no position last, whatever stands in its place', async () => {
    await join('nan', { groupIndex: Number.NaN });
    await join('second', { groupIndex: 1 });
    expect(documentsOf(await join('first', { groupIndex: -1.5 }))).toStrictEqual(
      ['first', 'second', 'nan'].map((id) => text(id)),
    );
  });

  it('are kept as long as any part asks', async () => {
    const ttl = async (key: string): Promise<number> => Number(await redis.command('PTTL', key));
    await redis.command('SETEX', `${base}.s`, 10, 3);
    await join('a', { ttlMs: 60_000 });
    await join('b', { ttlMs: 1000 });
    for (const key of [parts, seen, `${base}.s`]) expect(await ttl(key)).toBeGreaterThan(50_000);
    await join('b', { ttlMs: undefined });
    for (const key of [parts, seen]) expect(await ttl(key)).toBe(-1);
  });
});
