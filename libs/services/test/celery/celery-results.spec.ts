import { CeleryPeer, describeWith } from '@lovage/services';

// Programs start slowly on a busy machine; only a failing test waits that long.
jest.setTimeout(60_000);

const serializers = ['json', 'msgpack', 'yaml'] as const;

describeWith('celery', 'result documents of a CeleryPeer', () => {
  let peer: CeleryPeer;

  beforeAll(async () => {
    peer = new CeleryPeer();
    await peer.start();
  });

  afterAll(async () => {
    await peer.stop();
  });

  it.each(serializers)('come back the same through %s', async (serializer) => {
    const document = await peer.encodeResult({
      taskId: 'id-1',
      status: 'SUCCESS',
      value: { sum: [1, 2.5, null, 'ü'] },
      request: { group: 'group-1', parent_id: 'parent-1', children: [[['child-1', null], null]] },
      serializer,
    });
    await expect(peer.decodeResult({ document, serializer })).resolves.toStrictEqual({
      status: 'SUCCESS',
      value: { sum: [1, 2.5, null, 'ü'] },
      exception: null,
      traceback: null,
      children: [[['child-1', null], null]],
      dateDone: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) as unknown,
      groupId: 'group-1',
      parentId: 'parent-1',
      taskId: 'id-1',
      other: {},
    });
  });

  it('are those that Celery stores', async () => {
    const document = await peer.encodeResult({ taskId: 'id-1', status: 'SUCCESS', value: 5 });
    expect(JSON.parse(document.toString())).toStrictEqual({
      status: 'SUCCESS',
      result: 5,
      traceback: null,
      children: [],
      date_done: expect.any(String) as unknown,
      task_id: 'id-1',
    });
  });

  it('hold an exception as data, and give it back as a Python exception', async () => {
    const document = await peer.encodeResult({
      taskId: 'id-1',
      status: 'FAILURE',
      exception: { type: 'ValueError', args: ['boom', 7] },
      traceback: 'Traceback …',
    });
    expect(JSON.parse(document.toString())).toMatchObject({
      result: { exc_type: 'ValueError', exc_message: ['boom', 7], exc_module: 'builtins' },
    });
    await expect(peer.decodeResult({ document })).resolves.toMatchObject({
      status: 'FAILURE',
      value: null,
      traceback: 'Traceback …',
      exception: {
        type: 'ValueError',
        module: 'builtins',
        bases: expect.arrayContaining(['builtins.ValueError', 'builtins.Exception']) as unknown,
        args: ['boom', 7],
        text: "('boom', 7)",
      },
    });
  });

  it('give an exception class that Python does not have a name of its own', async () => {
    const document = await peer.encodeResult({
      taskId: 'id-1',
      status: 'FAILURE',
      exception: { type: 'PaymentRefused', module: 'shop.errors', args: ['no money'] },
    });
    expect(JSON.parse(document.toString())).toMatchObject({
      result: { exc_type: 'PaymentRefused', exc_message: ['no money'], exc_module: 'shop.errors' },
    });
    await expect(peer.decodeResult({ document })).resolves.toMatchObject({
      exception: { type: 'PaymentRefused', module: 'celery.exceptions', text: 'no money' },
    });
  });

  it('carry the extended fields when the application asks for them', async () => {
    const document = await peer.encodeResult({
      taskId: 'id-1',
      status: 'SUCCESS',
      settings: { result_extended: true },
      request: {
        task: 'proj.add',
        args: [1],
        kwargs: {},
        hostname: 'w1',
        retries: 0,
        delivery_info: { routing_key: 'q' },
      },
    });
    await expect(peer.decodeResult({ document })).resolves.toMatchObject({
      other: { name: 'proj.add', args: [1], kwargs: {}, worker: 'w1', retries: 0, queue: 'q' },
    });
  });

  it('that a Python caller cannot read are a typed error', async () => {
    const document = Buffer.from(
      '{"status": "FAILURE", "result": {"exc_module": "os", "exc_type": "system", "exc_message": "true"}}',
    );
    await expect(peer.decodeResult({ document })).rejects.toMatchObject({
      name: 'CeleryPeerError',
      outcome: undefined,
      pythonType: 'celery.exceptions.SecurityError',
      pythonMessage: expect.stringContaining('os.system') as unknown,
      pythonTraceback: expect.stringContaining('exception_to_python') as unknown,
    });
  });
});
