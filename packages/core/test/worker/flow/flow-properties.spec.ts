import fc from 'fast-check';
import { VirtualClock } from '../../../src/clock/virtual-clock.js';
import type { TaskOptions } from '../../../src/task/task-options.js';
import { closeTestApps, testApp } from '../../support/test-app.js';

jest.setTimeout(120_000);

afterEach(closeTestApps);

interface Span {
  readonly id: number;
  readonly key: string;
  readonly beganMs: number;
  endedMs: number;
}

const plan = fc.record({
  workers: fc.integer({ min: 1, max: 3 }),
  prefetch: fc.integer({ min: 1, max: 12 }),
  concurrency: fc.integer({ min: 1, max: 4 }),
  cap: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
  perSecond: fc.option(fc.integer({ min: 2, max: 40 }), { nil: undefined }),
  one: fc.boolean(),
  calls: fc.array(
    fc.record({
      key: fc.constantFrom('a', 'b', 'c'),
      runMs: fc.integer({ min: 0, max: 400 }),
      pauseMs: fc.integer({ min: 0, max: 60 }),
    }),
    { minLength: 1, maxLength: 40 },
  ),
});

type Plan = typeof plan extends fc.Arbitrary<infer P> ? P : never;

const names = { runs: 0 };

async function run({
  workers,
  prefetch,
  concurrency,
  cap,
  perSecond,
  one,
  calls,
}: Plan): Promise<readonly Span[]> {
  const clock = new VirtualClock();
  const spans: Span[] = [];
  names.runs += 1;
  const broker = `memory://flow-properties-${names.runs}`;
  const by = ([, key]: readonly string[]): string => key as string;
  const options: TaskOptions = {
    concurrencyLimit: cap,
    rateLimit: perSecond === undefined ? undefined : { limit: perSecond, shared: true },
    unique: one ? { while: 'running', by: by as never } : undefined,
  };
  const handlers = {
    work: {
      options,
      run: async ([id, key, runMs]: readonly unknown[]) => {
        const span: Span = {
          id: Number(id),
          key: String(key),
          beganMs: clock.monoNow(),
          endedMs: Number.POSITIVE_INFINITY,
        };
        spans.push(span);
        if (Number(runMs) > 0) await new Promise<void>((resolve) => void clock.after(Number(runMs), resolve));
        span.endedMs = clock.monoNow();
      },
    },
  };
  const apps = [];
  for (let n = 0; n < workers; n += 1)
    apps.push((await testApp(handlers, { broker, worker: { prefetch, concurrency } }, { clock })).app);
  for (const [id, { key, runMs, pauseMs }] of calls.entries()) {
    await apps[0]?.client.send('work', { args: [id, key, runMs] });
    if (pauseMs > 0) await clock.advance(pauseMs);
  }
  for (
    let step = 0;
    step < 2000 && spans.filter(({ endedMs }) => endedMs < Infinity).length < calls.length;
    step += 1
  )
    await clock.advance(50);
  await closeTestApps();
  return spans;
}

const atOnce = (spans: readonly Span[], at: number): number =>
  spans.filter(({ beganMs, endedMs }) => beganMs <= at && (at < endedMs || beganMs === at)).length;

describe('flow control of several workers', () => {
  it('loses nothing, starves nothing, repeats nothing, and keeps every limit', async () => {
    await fc.assert(
      fc.asyncProperty(plan, async (given) => {
        const spans = await run(given);
        expect(spans.map(({ id }) => id).toSorted((a, b) => a - b)).toEqual(given.calls.map((_, id) => id));
        expect(spans.every(({ endedMs }) => endedMs < Infinity)).toBe(true);
        // Of those that take no time any number may be seen in one moment.
        const lasting = spans.filter((span) => span.endedMs > span.beganMs);
        const cap = given.cap ?? Infinity;
        const ofKey = given.one ? 1 : Infinity;
        const intervalMs = given.perSecond === undefined ? 0 : 1000 / given.perSecond;
        const began = spans.map(({ beganMs }) => beganMs).toSorted((a, b) => a - b);
        for (const [index, at] of began.entries()) {
          expect(atOnce(lasting, at)).toBeLessThanOrEqual(cap);
          for (const key of ['a', 'b', 'c']) {
            const own = lasting.filter((span) => span.key === key);
            expect(atOnce(own, at)).toBeLessThanOrEqual(ofKey);
          }
          expect(at).toBeGreaterThanOrEqual(Number(began[0]) + index * intervalMs - 1e-3);
        }
      }),
      { numRuns: 40, seed: 20_260_101 },
    );
  });
});
