import assert from 'node:assert/strict';
import {
  type AnyResult,
  type AnySignature,
  chain,
  chord,
  group,
  isLovageError,
  type Signature,
  type TaskApp,
} from '@lovage/core';
import fc from 'fast-check';
import {
  fold,
  replaced,
  replacingShapes,
  type Shape,
  shapes,
  signatureOf,
  task,
  valueOf,
} from '../workflows/workflow-model.js';
import { failingShapes, numbersOf } from '../workflows/failure-model.js';
import { isWrongInCelery } from './celery-limits.js';
import type { PythonCaller, PythonStage } from './python-stage.js';

const timeoutMs = 300_000;
const timeout = '60s';
/** Where a task runs. */
const queues = ['py', 'js'] as const;
const queueOf = (place: number): string => queues[place] ?? 'js';

async function failure(result: AnyResult): Promise<Error> {
  try {
    return assert.fail(`it should have failed, it gave ${JSON.stringify(await result.get({ timeout }))}`);
  } catch (error) {
    assert.ok(isLovageError(error), String(error));
    return error;
  }
}

/** Workflows whose tasks run in Python and in Lovage by turns, begun by either. */
export function describeMixedWorkflows(stage: PythonStage): void {
  let python: PythonCaller;
  let app: TaskApp;

  beforeAll(async () => {
    await stage.start();
    const worker = { queues: ['js', 'celery'], concurrency: 20 };
    [python, app] = await Promise.all([
      stage.client(),
      stage.lovage(
        { worker, queues: ['js', 'py'] },
        {
          'interop.add': ([x, y]) => Number(x) + Number(y),
          'interop.xsum': ([numbers]) => (numbers as number[]).reduce((sum, number) => sum + number, 0),
          'interop.fold': (args) => fold(args),
          'interop.fail': ([message]) => {
            throw new RangeError(String(message));
          },
          'interop.extend': ([number, ...added], context) => {
            for (const json of added) context.addToChord(app.client.signature(json as never));
            return number;
          },
          'interop.swap': ([json], context) => {
            throw context.replace(app.client.signature(json as never));
          },
        },
      ),
      stage.worker({
        queues: ['py'],
        hostname: 'mixed@python',
        pool: 'threads',
        concurrency: 4,
        settings: {},
      }),
    ]);
  }, timeoutMs);

  afterAll(async () => await stage.close(), timeoutMs);

  const add = (place: number, ...args: readonly number[]): Signature<number> =>
    app.client.signature<number>('interop.add', { args, queue: queueOf(place) });
  const xsum = (place: number): Signature<number> =>
    app.client.signature<number>('interop.xsum', { queue: queueOf(place) });
  const fail = (place: number): Signature<number> =>
    app.client.signature<number>('interop.fail', { args: ['bang'], queue: queueOf(place), immutable: true });

  const signatureIn = (shape: Shape): AnySignature =>
    signatureOf(shape, (n, place, by) =>
      by === undefined
        ? app.client.signature('interop.fold', { args: [n], queue: queueOf(place) })
        : app.client.signature('interop.swap', {
            args: [by.toJSON()],
            queue: queueOf(place),
            immutable: true,
          }),
    );

  const run = async (shape: Shape): Promise<unknown> => {
    const signature = signatureIn(shape);
    const result = (await signature.sender?.send(signature.toJSON(), [], {})) as AnyResult;
    return await result.get({ timeout });
  };
  const runByPython = async (shape: Shape): Promise<unknown> => {
    const { id } = await python.apply(signatureIn(shape).toJSON());
    return (await python.get(id)).value;
  };

  const cases: Readonly<Record<string, () => Promise<void>>> = {
    'chain, group and chord, begun by Lovage': async () => {
      for (const at of [0, 1]) {
        const other = 1 - at;
        const steps = await chain(add(at, 1, 2), add(other, 3), add(at, 4)).delay();
        assert.equal(await steps.get({ timeout }), 10);
        const side = await group([add(at, 1, 1), add(other, 2, 2)]).delay();
        assert.deepEqual(await side.get({ timeout }), [2, 4]);
        const sum = await chord([add(at, 1, 1), add(other, 2, 2)], chain(xsum(other), add(at, 100))).delay();
        assert.equal(await sum.get({ timeout }), 106);
        const { status, value } = await python.get(sum.id);
        assert.deepEqual([status, value], ['SUCCESS', 106]);
        const nested = chain(
          add(at, 1, 1),
          group([add(other, 1), chord([add(at, 2), add(other, 3)], xsum(at))]),
          xsum(other),
        );
        assert.equal(await (await nested.delay()).get({ timeout }), 3 + 9);
      }
    },
    'chain, group and chord, begun by Python': async () => {
      for (const at of [0, 1]) {
        const other = 1 - at;
        const parts = group([add(other, 1), chain(add(at, 2), add(other, 3))]);
        const steps = await python.apply(chain(add(at, 1, 1), parts, xsum(at), add(other, 100)).toJSON());
        assert.equal((await python.get(steps.id)).value, 110);
        const sum = await python.apply(chord([add(at, 1, 1), add(other, 2, 2)], xsum(other)).toJSON());
        assert.equal((await python.get(sum.id)).value, 6);
      }
    },
    'a chord whose member fails, beside another one': async () => {
      for (const [at, beside] of [
        [0, 0],
        [0, 1],
        [1, 0],
        [1, 1],
      ] as const) {
        const result = await chord([fail(at), add(beside, 1, 1)], chain(xsum(0), add(1, 1))).delay();
        assert.equal((await failure(result)).name, 'ChordError');
        const end = await python.get(result.id);
        assert.deepEqual([end.status, end.exception?.type], ['FAILURE', 'ChordError']);
      }
    },
    'a chain that fails': async () => {
      for (const at of [0, 1]) {
        const steps = chain(add(1 - at, 1, 1), fail(at), add(1 - at, 1), add(at, 1));
        assert.equal((await failure(await steps.delay())).message, 'bang');
      }
    },
    'a task that fails, at each place of each shape: whoever waits for the whole hears of it': async () => {
      for (const [name, shape] of Object.entries(failingShapes)) {
        // A Python worker does not tell the outer chord of an inner one that fails: the sweeper does, within minutes.
        const inner = name === 'chord of a chord and a chain' ? [1, 2] : [];
        const trials = numbersOf(shape).flatMap((at) =>
          (inner.includes(at) ? [1] : [0, 1]).map((place) => ({ at, place })),
        );
        const ends = trials.map(async ({ at, place }) => {
          const whole = signatureOf(shape, (n) =>
            n === at ? fail(place) : signatureIn(task(n, (n + place) % 2)),
          );
          const error = await failure((await whole.sender?.send(whole.toJSON(), [], {})) as AnyResult);
          // Where the next step is a chord, Celery 5.2 fails itself while it tells that of the failure: the error is another one then.
          const { code } = error as Error & { readonly code?: string };
          assert.notEqual(code, 'LOVAGE_RESULT_TIMEOUT', `${name}, task ${at} in place ${place}`);
        });
        await Promise.all(ends);
      }
    },
    'a chord in a group that is the body of a chord in a group, by turns': async () => {
      for (const place of [0, 1]) {
        const other = 1 - place;
        const inner: Shape = {
          kind: 'chord',
          header: [task(2, other), task(3, place)],
          body: task(1, other),
        };
        const body: Shape = { kind: 'group', members: [inner] };
        const shape: Shape = { kind: 'group', members: [{ kind: 'chord', header: [task(4, place)], body }] };
        assert.deepEqual(await run(shape), valueOf(shape));
      }
    },
    'a task that is replaced, as a step, a member, a body': async () => {
      for (const place of [0, 1]) {
        const other = 1 - place;
        // Equal ones: a Python worker that replaces a member by these loses their order.
        const pair = [task(2, other), task(2, place)];
        const instead: readonly Shape[] = [
          task(1, other),
          { kind: 'chain', steps: pair },
          { kind: 'group', members: pair },
          { kind: 'chord', header: pair, body: task(4, other) },
        ];
        for (const by of instead) {
          const one = replaced(by, place);
          const around: readonly Shape[] = [
            one,
            { kind: 'chain', steps: [task(7, place), one, task(8, other)] },
            { kind: 'chord', header: [one, task(7, other), one], body: task(8, place) },
            { kind: 'chord', header: [task(7, other), task(8, place)], body: one },
          ];
          for (const shape of around)
            assert.deepEqual(await run(shape), valueOf(shape), JSON.stringify(shape));
          const whole = around[2] as Shape;
          assert.deepEqual(await runByPython(whole), valueOf(whole), JSON.stringify(whole));
        }
      }
    },
    'a member that adds others to its chord': async () => {
      for (const place of [0, 1]) {
        const other = 1 - place;
        const added = [add(other, 3, 3), add(place, 4, 4), chain(add(place, 5, 5), add(other, 6))];
        const extend = app.client.signature<number>('interop.extend', {
          args: [1, ...added.map((one) => one.toJSON())],
          queue: queueOf(place),
        });
        for (const body of [0, 1]) {
          const sum = chord([extend, add(other, 1, 1), add(place, 2, 2)], xsum(body));
          assert.equal(await (await sum.delay()).get({ timeout }), 37);
          const { id } = await python.apply(sum.toJSON());
          assert.equal((await python.get(id)).value, 37);
        }
      }
    },
    'random nested workflows, each task in Python or in Lovage, begun by either': async () => {
      await fc.assert(
        fc.asyncProperty(shapes, fc.boolean(), async (shape, byPython) => {
          const whole: Shape = byPython ? { kind: 'chain', steps: [shape, task(1, 1)] } : shape;
          fc.pre(!byPython || !isWrongInCelery(whole));
          assert.deepEqual(await (byPython ? runByPython(whole) : run(whole)), valueOf(whole));
        }),
        { numRuns: 60, seed: 20_260_901, endOnFailure: true },
      );
    },
    'random nested workflows whose tasks are replaced by others': async () => {
      await fc.assert(
        fc.asyncProperty(replacingShapes, async (shape) => {
          fc.pre(!isWrongInCelery(shape));
          assert.deepEqual(await run(shape), valueOf(shape));
        }),
        { numRuns: 40, seed: 20_261_122, endOnFailure: true },
      );
    },
  };
  // reason: the cases assert with node:assert.
  // oxlint-disable-next-line jest/expect-expect, jest/valid-title
  for (const [name, action] of Object.entries(cases)) it(name, action, timeoutMs);
}
