import { CeleryPeer, describeWith, python, type PythonValue } from '@lovage/services';

// Programs start slowly on a busy machine; only a failing test waits that long.
jest.setTimeout(60_000);

const serializers = ['json', 'msgpack', 'yaml'] as const;
const compressions = [undefined, 'zlib', 'gzip', 'bzip2', 'lzma', 'brotli', 'zstd'] as const;
const matrix = serializers.flatMap((serializer) =>
  compressions.map((compression) => ({ serializer, compression })),
);

const mediaTypes = { json: 'application/json', msgpack: 'application/x-msgpack', yaml: 'application/x-yaml' };
const compressionHeaders = {
  zlib: 'application/x-gzip',
  gzip: 'application/x-gzip',
  bzip2: 'application/x-bz2',
  lzma: 'application/x-lzma',
  brotli: 'application/x-brotli',
  zstd: 'application/zstd',
};

const args: readonly PythonValue[] = [2, -1.5, 'grüße 🌿', null, true, [1, [2]], { deep: { er: ['x'] } }];
const kwargs = { flag: false, text: 'ab'.repeat(200) };

describeWith('celery', 'messages of a CeleryPeer', () => {
  let peer: CeleryPeer;

  beforeAll(async () => {
    peer = new CeleryPeer();
    await peer.start();
  });

  afterAll(async () => {
    await peer.stop();
  });

  it('knows the versions, serializers and compressions of its side', () => {
    expect(peer.abilities.celery).toMatch(/^5\./);
    expect(peer.abilities.serializers).toStrictEqual(expect.arrayContaining([...serializers]));
    expect(peer.abilities.compressions).toStrictEqual(
      expect.arrayContaining(Object.keys(compressionHeaders)),
    );
  });

  it.each(matrix)('gives back the same call through $serializer, $compression', async (options) => {
    const { serializer, compression } = options;
    const message = await peer.encode({
      name: 'proj.add',
      args,
      kwargs,
      options: { serializer, taskId: 'id-1', ...(compression === undefined ? {} : { compression }) },
    });
    expect(message.contentType).toBe(mediaTypes[serializer]);
    expect(message.headers['compression']).toBe(
      compression === undefined ? undefined : compressionHeaders[compression],
    );
    await expect(peer.decode({ message })).resolves.toMatchObject({
      expired: false,
      task: 'proj.add',
      id: 'id-1',
      args,
      kwargs,
      rootId: 'id-1',
      callbacks: null,
    });
  });

  it('writes the body that Celery writes', async () => {
    const message = await peer.encode({
      name: 'proj.add',
      args: [2, 3],
      options: { taskId: 'id-1', replyTo: 'replies' },
    });
    expect(message.body.toString()).toBe(
      '[[2, 3], {}, {"callbacks": null, "errbacks": null, "chain": null, "chord": null}]',
    );
    expect(message).toMatchObject({
      contentEncoding: 'utf-8',
      headers: { lang: 'py', task: 'proj.add', id: 'id-1', argsrepr: '(2, 3)', kwargsrepr: '{}', retries: 0 },
    });
    expect(message.properties).toStrictEqual({
      correlationId: 'id-1',
      replyTo: 'replies',
      deliveryMode: 2,
      priority: 0,
    });
  });

  it('carries every option to the worker', async () => {
    const message = await peer.encode({
      name: 'proj.add',
      options: {
        taskId: 'id-1',
        eta: '2030-01-02T03:04:05.678901+05:30',
        expires: '2031-01-01T00:00:00',
        headers: { tenant: 'green' },
        priority: 7,
        shadow: 'sum',
        timeLimit: 20,
        softTimeLimit: 10.5,
        groupId: 'group-1',
        groupIndex: 2,
        rootId: 'root-1',
        parentId: 'parent-1',
        retries: 3,
        ignoreResult: true,
        replyTo: 'replies',
        link: [{ task: 'proj.ok', args: [1] }],
        linkError: [{ task: 'proj.not-ok', immutable: true }],
        chain: [{ task: 'proj.last' }, { task: 'proj.next', kwargs: { y: 1 } }],
        chord: { task: 'proj.body', options: { task_id: 'body-1' } },
        queue: 'other',
      },
    });
    const signature = { args: [], kwargs: {}, options: {}, subtask_type: null, immutable: false };
    await expect(peer.decode({ message })).resolves.toMatchObject({
      shownName: 'sum',
      eta: '2030-01-02T03:04:05.678901+05:30',
      expires: '2031-01-01T00:00:00+00:00',
      headers: { tenant: 'green', lang: 'py' },
      priority: 7,
      timeLimit: 20,
      softTimeLimit: 10.5,
      group: 'group-1',
      groupIndex: 2,
      rootId: 'root-1',
      parentId: 'parent-1',
      retries: 3,
      ignoreResult: true,
      replyTo: 'replies',
      correlationId: 'id-1',
      callbacks: [{ ...signature, task: 'proj.ok', args: [1] }],
      errbacks: [{ ...signature, task: 'proj.not-ok', immutable: true }],
      chain: [
        { ...signature, task: 'proj.last' },
        { ...signature, task: 'proj.next', kwargs: { y: 1 } },
      ],
      chord: { ...signature, task: 'proj.body', options: { task_id: 'body-1' } },
    });
  });

  it('resolves a countdown in the time zone of its application', async () => {
    const message = await peer.encode({
      name: 'proj.add',
      options: { countdown: 3600 },
      settings: { timezone: 'Asia/Kolkata' },
    });
    expect(message.headers['eta']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?\+05:30$/);
  });

  it('speaks protocol 1', async () => {
    const message = await peer.encode({
      name: 'proj.add',
      args: [2],
      protocol: 1,
      options: { taskId: 'id-1', groupId: 'group-1', link: [{ task: 'proj.ok' }] },
    });
    expect(message.headers).toStrictEqual({});
    expect(JSON.parse(message.body.toString())).toMatchObject({
      task: 'proj.add',
      id: 'id-1',
      taskset: 'group-1',
    });
    await expect(peer.decode({ message })).resolves.toMatchObject({
      task: 'proj.add',
      id: 'id-1',
      args: [2],
      group: 'group-1',
      callbacks: [{ task: 'proj.ok' }],
      argsrepr: null,
    });
  });

  it('tells Python types apart', async () => {
    const values = [
      python.bytes(Buffer.from([0, 255])),
      python.float('1.0'),
      1,
      python.tuple('a', 1),
      python.int(2n ** 63n),
      { $python: 'dict', value: [['$python', 'not a tag']] },
    ];
    const message = await peer.encode({
      name: 'proj.echo',
      args: values,
      options: { serializer: 'msgpack' },
    });
    const { args: got } = await peer.decode({ message });
    // msgpack has no tuples.
    expect(got).toStrictEqual([...values.slice(0, 3), ['a', 1], ...values.slice(4)]);
  });

  it('keeps dates and keys that are no text in YAML', async () => {
    const values = [
      python.datetime('2020-01-02T03:04:05.000006'),
      python.date('2020-01-02'),
      python.dict([1, 'one'], ['two', 2]),
    ];
    const message = await peer.encode({ name: 'proj.echo', args: values, options: { serializer: 'yaml' } });
    await expect(peer.decode({ message })).resolves.toMatchObject({ args: values });
  });

  it('writes dates, decimals and UUIDs as text in JSON, as kombu 5.2 does', async () => {
    const message = await peer.encode({
      name: 'proj.echo',
      args: [
        python.datetime('2020-01-02T03:04:05+00:00'),
        python.time('03:04:05'),
        python.decimal('1.10'),
        python.uuid('00000000-0000-4000-8000-000000000001'),
      ],
    });
    await expect(peer.decode({ message })).resolves.toMatchObject({
      args: ['2020-01-02T03:04:05Z', '03:04:05', '1.10', '00000000-0000-4000-8000-000000000001'],
    });
  });

  it('marks a message that has expired', async () => {
    const message = await peer.encode({
      name: 'proj.add',
      options: { taskId: 'id-1', expires: '2001-01-01T00:00:00Z' },
    });
    await expect(peer.decode({ message })).resolves.toMatchObject({ expired: true, id: 'id-1' });
    // The id is not held against a later message.
    const later = await peer.encode({ name: 'proj.add', options: { taskId: 'id-1' } });
    await expect(peer.decode({ message: later })).resolves.toMatchObject({ expired: false });
  });

  it('answers many at once, each its own', async () => {
    const messages = await Promise.all(
      Array.from({ length: 50 }, (_, i) => peer.encode({ name: 'proj.add', args: [i] })),
    );
    const requests = await Promise.all(messages.map((message) => peer.decode({ message })));
    expect(requests.map((request) => request.args)).toStrictEqual(messages.map((_, i) => [i]));
  });

  it('carries large bodies', async () => {
    const text = 'x'.repeat(3_000_000);
    const message = await peer.encode({ name: 'proj.echo', args: [text] });
    const { args: got } = await peer.decode({ message });
    expect(got).toStrictEqual([text]);
  });

  describe('a message that a worker does not run', () => {
    const json = { contentType: 'application/json', contentEncoding: 'utf-8', properties: {} };
    const body = Buffer.from('[[], {}, {}]');
    const headers = { task: 'proj.add', id: 'id-1' };

    it.each([
      ['an unknown task', { ...json, headers, body }, 'unknown-task', 'builtins.KeyError'],
      [
        'no task at all',
        { ...json, headers: {}, body: Buffer.from('{}') },
        'unknown-message',
        'peer_worker.Refused',
      ],
      [
        'broken JSON',
        { ...json, headers, body: Buffer.from('[[') },
        'decode-error',
        'kombu.exceptions.DecodeError',
      ],
      [
        'a broken compressed body',
        { ...json, headers: { ...headers, compression: 'application/x-gzip' }, body },
        'decode-error',
        'zlib.error',
      ],
      [
        'a content type that is not accepted',
        { ...json, headers, body, contentType: 'application/x-python-serialize', contentEncoding: 'binary' },
        'invalid-task',
        'kombu.exceptions.ContentDisallowed',
      ],
      [
        'an eta that is no time',
        { ...json, headers: { ...headers, eta: 'tomorrow' }, body },
        'invalid-task',
        'celery.exceptions.InvalidTaskError',
      ],
      [
        'two elements only',
        { ...json, headers, body: Buffer.from('[[], {}]') },
        'worker-exits',
        'builtins.ValueError',
      ],
      ['no id', { ...json, headers: { task: 'proj.add' }, body }, 'worker-exits', 'builtins.KeyError'],
    ])('has %s', async (_, message, outcome, pythonType) => {
      const registered = outcome === 'unknown-task' ? ['proj.mul'] : undefined;
      const decoding = peer.decode({ message, ...(registered === undefined ? {} : { registered }) });
      await expect(decoding).rejects.toMatchObject({ name: 'CeleryPeerError', outcome, pythonType });
    });
  });

  it('goes on after an error', async () => {
    await expect(
      peer.encode({
        name: 'proj.add',
        options: { serializer: 'json' },
        args: [python.bytes(Buffer.from('x'))],
      }),
    ).rejects.toMatchObject({ pythonType: 'kombu.exceptions.EncodeError' });
    await expect(peer.encode({ name: 'proj.add' })).resolves.toMatchObject({ headers: { task: 'proj.add' } });
  });
});
