import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { SettleVerb } from '@lovage/core';
import { publish } from '../broker/queues.js';
import { brokerOf } from '../harness.js';
import { toQueue } from '../sample-message.js';
import type { BrokerModel } from './broker-model.js';
import type { BrokerRun } from './broker-run.js';

export const queueCount = 2;
const longestDelayMs = 400;

/** One thing that can be asked of a broker, with how it is printed when it led to a failure. */
class Step implements fc.AsyncCommand<BrokerModel, BrokerRun> {
  constructor(
    private readonly text: string,
    private readonly action: (run: BrokerRun) => Promise<void>,
  ) {}

  check(): boolean {
    return true;
  }

  async run(_model: BrokerModel, run: BrokerRun): Promise<void> {
    await this.action(run);
    await run.check();
  }

  toString(): string {
    return this.text;
  }
}

/** The n-th of some things, whatever n is; `undefined` where there are none. */
const pick = <T>(things: readonly T[], n: number): T | undefined => things[n % Math.max(1, things.length)];

const publishing = (queue: number, delays: readonly number[]): Step =>
  new Step(`publish to ${queue} with delays ${delays.join(', ')}`, async (run) => {
    const now = run.harness.clock.wallNow();
    const publications = delays.map((delayMs) => {
      const id = `m${run.model.messages.size}`;
      const notBefore = delayMs === 0 ? undefined : now + delayMs;
      run.model.publish(id, queue, notBefore);
      return toQueue(run.nameOf(queue), notBefore === undefined ? { id } : { id, notBefore });
    });
    const outcomes = await publish(run.harness, publications);
    assert.ok(outcomes.every(({ kind }) => kind === 'accepted'));
  });

const consuming = (queues: readonly number[], prefetch: number): Step =>
  new Step(
    `consume ${queues.join(' and ')} with prefetch ${prefetch}`,
    async (run) => await run.consume(queues, prefetch),
  );

const closing = (n: number): Step =>
  new Step(`close consumer ${n}`, async (run) => {
    if (run.consumers.length > 0) await run.close(n % run.consumers.length);
  });

const pausing = (n: number): Step =>
  new Step(`pause consumer ${n}`, async (run) => {
    const model = pick(run.model.consumers, n);
    if (model?.open !== true) return;
    await pick(run.consumers, n)?.pause();
    model.paused = true;
  });

const resuming = (n: number): Step =>
  new Step(`resume consumer ${n}`, async (run) => {
    const model = pick(run.model.consumers, n);
    if (model?.open !== true) return;
    model.paused = false;
    pick(run.consumers, n)?.resume();
  });

const prefetching = (n: number, prefetch: number): Step =>
  new Step(`set prefetch of consumer ${n} to ${prefetch}`, async (run) => {
    const model = pick(run.model.consumers, n);
    if (model?.open !== true) return;
    model.prefetch = Math.max(model.prefetch, prefetch);
    pick(run.consumers, n)?.setPrefetch(prefetch);
    // A smaller one holds for the next deliveries; some may be on their way.
    await run.harness.quiet();
    model.prefetch = prefetch;
  });

interface Ending {
  readonly n: number;
  readonly verb: SettleVerb;
}

const settling = (endings: readonly Ending[]): Step =>
  new Step(`settle ${endings.map(({ n, verb }) => `${verb.kind} ${n}`).join(', ')}`, async (run) => {
    // The latest first: they are the ones that may be in hand; the others must be found lost.
    const parts = endings.flatMap(({ n, verb }) => {
      const handle = pick(run.handles.toReversed(), n);
      return handle === undefined ? [] : [{ handle, verb }];
    });
    await run.settle(parts);
  });

const purging = (queue: number): Step =>
  new Step(`purge ${queue}`, async (run) => {
    // What has just become due may count as waiting or not.
    if (run.model.hasDue(queue, run.harness.clock.wallNow())) return;
    const expected = run.model.purge(queue);
    const purged = await brokerOf(run.harness.view).purge({
      queue: run.nameOf(queue),
      deadline: run.harness.deadline(),
    });
    assert.equal(purged, expected);
  });

const advancing = (ms: number): Step =>
  new Step(`advance ${ms} ms`, async (run) => await run.harness.advance(ms));

/** @param delayed whether the broker can hold messages back */
export function commandsOf(
  commands: number,
  delayed: boolean,
): fc.Arbitrary<Iterable<fc.AsyncCommand<BrokerModel, BrokerRun>>> {
  const queue = fc.nat({ max: queueCount - 1 });
  const consumer = fc.nat({ max: 5 });
  const prefetch = fc.integer({ min: 1, max: 4 });
  const delayMs = delayed
    ? fc.oneof(
        { weight: 3, arbitrary: fc.constant(0) },
        { weight: 1, arbitrary: fc.integer({ min: 1, max: longestDelayMs }) },
      )
    : fc.constant(0);
  const verb: fc.Arbitrary<SettleVerb> = fc.oneof(
    { weight: 3, arbitrary: fc.constant<SettleVerb>({ kind: 'ack' }) },
    { weight: 2, arbitrary: delayMs.map((ms): SettleVerb => ({ kind: 'requeue', delayMs: ms })) },
    { weight: 2, arbitrary: fc.constant<SettleVerb>({ kind: 'release' }) },
    {
      weight: 1,
      arbitrary: fc.constant<SettleVerb>({ kind: 'park', reason: { code: 'MODEL', text: 'parked' } }),
    },
  );
  const endings = fc.array(fc.record({ n: fc.nat({ max: 12 }), verb }), { minLength: 1, maxLength: 4 });
  const step = fc.oneof(
    {
      weight: 6,
      arbitrary: fc
        .tuple(queue, fc.array(delayMs, { minLength: 1, maxLength: 4 }))
        .map(([to, delays]) => publishing(to, delays)),
    },
    {
      weight: 3,
      arbitrary: fc
        .tuple(fc.constantFrom([0], [1], [0, 1], [1, 0]), prefetch)
        .map(([of, most]) => consuming(of, most)),
    },
    { weight: 8, arbitrary: endings.map(settling) },
    { weight: 2, arbitrary: consumer.map(closing) },
    { weight: 1, arbitrary: consumer.map(pausing) },
    { weight: 1, arbitrary: consumer.map(resuming) },
    { weight: 1, arbitrary: fc.tuple(consumer, prefetch).map(([of, most]) => prefetching(of, most)) },
    { weight: 1, arbitrary: queue.map(purging) },
    { weight: 2, arbitrary: fc.integer({ min: 0, max: longestDelayMs }).map(advancing) },
  );
  return fc.commands([step], { maxCommands: commands, size: 'max' });
}
