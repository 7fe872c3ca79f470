import { TaskApp } from '@lovage/core';
import { describeWith } from '@lovage/services';
import fc from 'fast-check';
import { FaultScene } from '../support/fault-scene.js';

/** Printed with a failure; set it to repeat one. */
const seed = Number(process.env['LOVAGE_SEED'] ?? Math.floor(Math.random() * 1_000_000_000));
const count = 2000;

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

interface Mutation {
  /** Picks a place in the envelope, or in the body inside it. */
  readonly place: number;
  readonly inside: boolean;
  readonly change:
    | { readonly kind: 'replace'; readonly by: Json }
    | { readonly kind: 'remove' }
    | { readonly kind: 'rename'; readonly to: string }
    | { readonly kind: 'cut'; readonly at: number }
    | { readonly kind: 'flip'; readonly at: number; readonly to: number };
}

const position = fc.nat({ max: 100_000 });
const value = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom<Json>(
    '',
    '__proto__',
    'application/x-python-serialize',
    'pickle',
    'yaml',
    'utf-16',
    'gzip',
    -1,
    1e300,
  ),
  fc.constantFrom<Json>(
    '2020-01-01T00:00:00+00:00',
    '2999-01-01T00:00:00+00:00',
    'no.such.task',
    'nowhere',
    [],
  ),
) as fc.Arbitrary<Json>;
const mutation: fc.Arbitrary<Mutation> = fc.record({
  place: position,
  inside: fc.boolean(),
  change: fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('replace' as const), by: value }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('rename' as const),
        to: fc.oneof(
          fc.string(),
          fc.constantFrom('__proto__', 'constructor', 'properties', 'headers', 'body'),
        ),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('cut' as const), at: position }) },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant('flip' as const), at: position, to: fc.nat({ max: 255 }) }),
    },
  ),
});

/** Every place in a value, as the names that lead there. */
function placesIn(root: Json, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof root !== 'object' || root === null) return [path];
  return [path, ...Object.entries(root).flatMap(([name, child]) => placesIn(child, [...path, name]))];
}

function changedAt(root: Json, [name, ...rest]: readonly string[], change: Mutation['change']): Json {
  if (name === undefined) return change.kind === 'replace' ? change.by : root;
  if (typeof root !== 'object' || root === null) return root;
  const entries = Object.entries(root).flatMap(([key, child]): readonly (readonly [string, Json])[] => {
    if (key !== name) return [[key, child]];
    if (rest.length > 0) return [[key, changedAt(child, rest, change)]];
    if (change.kind === 'remove') return [];
    return change.kind === 'rename' ? [[change.to, child]] : [[key, changedAt(child, [], change)]];
  });
  return Array.isArray(root) ? entries.map(([, child]) => child) : Object.fromEntries(entries);
}

function mutated(envelope: string, { place, inside, change }: Mutation): Buffer {
  if (change.kind === 'cut') return Buffer.from(envelope).subarray(0, change.at % envelope.length);
  if (change.kind === 'flip') {
    const bytes = Buffer.from(envelope);
    bytes[change.at % bytes.length] = change.to;
    return bytes;
  }
  const whole = JSON.parse(envelope) as Record<string, Json>;
  const pick = (root: Json): readonly string[] => {
    const places = placesIn(root);
    return places[place % places.length] ?? [];
  };
  if (!inside) return Buffer.from(JSON.stringify(changedAt(whole, pick(whole), change)));
  const body = JSON.parse(Buffer.from(whole['body'] as string, 'base64').toString()) as Json;
  const changed = JSON.stringify(changedAt(body, pick(body), change));
  return Buffer.from(JSON.stringify({ ...whole, body: Buffer.from(changed).toString('base64') }));
}

/** The id and the arguments in an envelope, as anybody would read them. */
function callIn(envelope: Buffer): readonly [unknown, unknown] | undefined {
  try {
    const { headers, body } = JSON.parse(envelope.toString()) as {
      readonly headers: { readonly id: unknown };
      readonly body: string;
    };
    const [args, kwargs] = JSON.parse(Buffer.from(body, 'base64').toString()) as readonly [unknown[], object];
    // Keyword arguments come last, where there are any.
    return [headers.id, Object.keys(kwargs).length > 0 ? [...args, kwargs] : args];
  } catch {
    return undefined;
  }
}

/** Whole numbers of any size are exact there, which nobody else can tell. */
const told = (call: unknown): string =>
  JSON.stringify(call, (_name, one: unknown) => (typeof one === 'bigint' ? Number(one) : one));

describeWith('redis-server', 'a worker that is given mutated messages', () => {
  const scene = new FaultScene();

  beforeAll(async () => await scene.start());
  beforeEach(async () => await scene.reset());
  afterEach(async () => await scene.clear());
  afterAll(async () => await scene.close());

  it(`runs what they say or parks them, and goes on (${count} with seed ${seed})`, async () => {
    const { redis } = scene;
    const app = await TaskApp.create({ broker: redis.url, defaultQueue: 'q', worker: { concurrency: 20 } });
    const runs: (readonly [string, unknown])[] = [];
    app.registry.add({
      name: 'math.add',
      run: (args, { id }) => {
        runs.push([id, args]);
        return args.length;
      },
      options: {},
      source: 'test',
    });
    const caller = await scene.driver(redis.url);
    try {
      // Two writers: ours begins with the tag, Python does not.
      const envelopes = ['lovage', 'python'].map((writer) => {
        const properties = {
          delivery_tag: `tag-${writer}`,
          delivery_info: { exchange: '', routing_key: 'q' },
          body_encoding: 'base64',
          correlation_id: 'the-id',
          reply_to: 'r',
          delivery_mode: 2,
          priority: 0,
        };
        const body = Buffer.from(
          '[[1,2],{"z":3},{"callbacks":null,"errbacks":null,"chain":null,"chord":null}]',
        );
        const rest = {
          'content-type': 'application/json',
          'content-encoding': 'utf-8',
          headers: {
            lang: 'py',
            task: 'math.add',
            id: 'the-id',
            root_id: 'the-id',
            parent_id: null,
            group: null,
            retries: 0,
            eta: null,
            expires: null,
            timelimit: [null, null],
            argsrepr: '[1, 2]',
            kwargsrepr: '{}',
            origin: 'gen1@host',
            ignore_result: false,
          },
        };
        const text = body.toString('base64');
        return JSON.stringify(
          writer === 'lovage' ? { properties, ...rest, body: text } : { body: text, ...rest, properties },
        );
      });
      const given = fc
        .sample(fc.tuple(fc.constantFrom(...envelopes), mutation), { numRuns: count, seed })
        .map(([envelope, change], n) => {
          const own = envelope.replaceAll('the-id', `id-${n}`).replace(/tag-\w+/, `tag-${n}`);
          return mutated(own, change);
        });
      for (let from = 0; from < given.length; from += 100)
        await redis.command('LPUSH', 'q', ...given.slice(from, from + 100));
      await app.start();
      const lists = ['q', 'q\u0006\u00163', 'q\u0006\u00166', 'q\u0006\u00169'];
      const ended = async (): Promise<boolean> => {
        const lengths = await Promise.all(lists.map(async (list) => await redis.command('LLEN', list)));
        return [...lengths, await redis.command('HLEN', 'unacked')].every((length) => length === 0);
      };
      await scene.until('all have ended', ended);
      const calls = new Set(given.map((envelope) => told(callIn(envelope))));
      const invalid = runs.filter((run) => !calls.has(told(run)));
      expect(invalid).toStrictEqual([]);
      expect(runs.length).toBeGreaterThan(count / 20);
      const { messages } = await caller.inspector.messages({
        queue: 'q',
        place: 'parked',
        limit: 1000,
        deadline: scene.views.deadline(),
      });
      expect(messages.length).toBeGreaterThan(count / 20);
      const records = (await redis.command('ZRANGE', 'lovage:parked:q', 0, -1)) as readonly string[];
      const reasons = records.map((record) => (JSON.parse(record) as { readonly code: string }).code);
      expect(reasons.filter((code) => !code.startsWith('LOVAGE_'))).toStrictEqual([]);
      // It still does what is right.
      const result = await app.client.send<number>('math.add', { args: [1, 2, 3] });
      await expect(result.get()).resolves.toBe(3);
    } finally {
      await app.close();
    }
    expect(await scene.connectionsOfOurs()).toBeLessThanOrEqual(1);
  });
});
