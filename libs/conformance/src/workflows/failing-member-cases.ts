import assert from 'node:assert/strict';
import {
  type AnyResult,
  type AnySignature,
  Ignore,
  Reject,
  type RemoteError,
  Signature,
  type SignatureJson,
} from '@lovage/core';
import type { ConformanceCase } from '../conformance-case.js';
import { LifeScene, type LifeTasks } from '../task-life/life-scene.js';
import { endingsOf, failingShapes, type Fault, numbersOf } from './failure-model.js';
import { type Shape, signatureOf } from './workflow-model.js';

/** A way to fail: with what the task does, or how it is sent. */
interface Failure {
  readonly name: string;
  /** How the task itself ends, and what waits for it. */
  readonly state: string;
  readonly followers: string;
  readonly task?: string;
  readonly options?: Parameters<Signature['set']>[0];
  readonly revoked?: true;
  /** Its worker is killed when all of them run. */
  readonly kills?: true;
  /** Can not be sent by a client. */
  readonly notFirst?: true;
}

const failures: readonly Failure[] = [
  { name: 'throws', task: 'throws', state: 'FAILURE', followers: 'FAILURE' },
  { name: 'rejects its message', task: 'rejects', state: 'REJECTED', followers: 'FAILURE' },
  { name: 'ends with Ignore', task: 'ignores', state: 'IGNORED', followers: 'FAILURE' },
  { name: 'gives what can not be written', task: 'unwritable', state: 'FAILURE', followers: 'FAILURE' },
  {
    name: 'runs too long',
    task: 'hangs',
    options: { timeLimit: 0.05 },
    state: 'FAILURE',
    followers: 'FAILURE',
  },
  { name: 'is known to nobody', task: 'nobody.knows', state: 'FAILURE', followers: 'FAILURE' },
  { name: 'was revoked', revoked: true, state: 'REVOKED', followers: 'REVOKED' },
  { name: 'has expired', options: { expires: new Date(1_000_000) }, state: 'REVOKED', followers: 'REVOKED' },
  { name: 'is replaced by one that throws', task: 'replaced', state: 'FAILURE', followers: 'FAILURE' },
  { name: 'kills its worker', task: 'hangs', kills: true, state: 'FAILURE', followers: 'FAILURE' },
  {
    name: 'finds no queue',
    options: { exchange: 'nowhere', routingKey: 'x' },
    notFirst: true,
    state: 'FAILURE',
    followers: 'FAILURE',
  },
];

/** One workflow with one failing task. */
interface Trial {
  readonly name: string;
  readonly shape: Shape;
  readonly at: number;
  readonly ids: ReadonlyMap<number, string>;
}

/** Tasks that begin at once: a client would refuse to send them. */
function firsts(shape: Shape): readonly number[] {
  switch (shape.kind) {
    case 'task':
      return [shape.n];
    case 'chain':
      return firsts(shape.steps[0] as Shape);
    case 'group':
      return shape.members.flatMap(firsts);
    case 'chord':
      break;
  }
  return shape.header.flatMap(firsts);
}

function trialsOf({ notFirst }: Failure): readonly Trial[] {
  return Object.entries(failingShapes).flatMap(([name, shape]) => {
    const numbers = numbersOf(shape);
    const excluded = notFirst === true ? firsts(shape) : [];
    return numbers
      .filter((at) => !excluded.includes(at))
      .map((at) => ({
        name: `${name}, task ${at}`,
        shape,
        at,
        ids: new Map(numbers.map((n) => [n, crypto.randomUUID()])),
      }));
  });
}

/** A failing member at each position of each shape: every task ends, as documented, and nothing is left open. */
export const failingMemberCases: readonly ConformanceCase[] = failures.map((failure) => ({
  name: `each task of each shape, where one ${failure.name}`,
  run: async (harness) => {
    const ran: string[] = [];
    let hanging = 0;
    const told = new Map<unknown, number>();
    const tasks: LifeTasks = {
      step: (task) => {
        ran.push(task.id);
        return 1;
      },
      throws: () => {
        throw new RangeError('bang');
      },
      rejects: () => {
        throw new Reject('bang');
      },
      ignores: () => {
        throw new Ignore();
      },
      unwritable: () => Symbol('bang'),
      hangs: async () => {
        hanging += 1;
        await new Promise(() => undefined);
      },
      replaced: (task) => {
        throw task.replace(new Signature(makeJson('throws')));
      },
      told: (_task, key) => {
        told.set(key, (told.get(key) ?? 0) + 1);
      },
    };
    const scene = new LifeScene(harness, tasks, {
      worker: { concurrency: 100, ...(failure.kills && { maxDeliveries: 1 }), drainTimeout: 0 },
    });
    try {
      const { app } = await scene.start();
      const { client } = app;
      const trials = trialsOf(failure);
      const leafOf = ({ at, ids }: Trial): ((n: number) => AnySignature) => {
        return (n) => {
          const taskId = ids.get(n) ?? '';
          const own = n === at ? failure : undefined;
          return client.signature(own?.task ?? 'step').set({ ...own?.options, taskId });
        };
      };
      if (failure.revoked === true) await client.revoke(trials.map(({ ids, at }) => ids.get(at) ?? ''));
      for (const trial of trials) {
        const signature = signatureOf(trial.shape, leafOf(trial)) as Signature;
        const errback = client.signature('told', { args: [trial.name], immutable: true });
        await client.apply(signature.linkError(errback));
      }
      if (failure.kills === true) {
        await scene.until('all that kill their worker run', () => hanging === trials.length);
        await scene.crash(app);
        await scene.start();
      }
      const { client: asking } = failure.kills === true ? (await scene.start({ worker: false })).app : app;
      for (const trial of trials) {
        const fault: Fault = { at: trial.at, state: failure.state, followers: failure.followers };
        const endings = endingsOf(trial.shape, fault);
        for (const [n, id] of trial.ids) {
          const result = asking.result(id);
          await scene.until(`${trial.name}: the end of task ${n}`, async () => await result.ready());
          const ending = endings.get(n);
          const what = `${trial.name}: task ${n}`;
          assert.equal(await result.state(), ending?.state, what);
          if (ending?.ofChord === true) assert.equal((await errorOf(result)).name, 'ChordError', what);
          const began = ran.includes(id);
          assert.equal(began, ending?.state === 'SUCCESS', `${what} should ${began ? 'not ' : ''}have run`);
        }
        const failed = [...endings.values()].some(({ state }) => state !== 'SUCCESS' && state !== 'IGNORED');
        if (failed) await scene.until(`${trial.name}: its callback`, () => told.has(trial.name));
        assert.equal(told.get(trial.name) ?? 0, failed ? 1 : 0, `${trial.name}: callbacks for failures`);
      }
      const { results } = harness.view;
      await scene.until('all chords are closed', async () => {
        const open = await results?.openChords({ beforeMs: 9e15, limit: 10, deadline: harness.deadline() });
        return open?.length === 0;
      });
    } finally {
      await scene.stop();
    }
  },
}));

async function errorOf(result: AnyResult): Promise<RemoteError> {
  try {
    await result.get();
  } catch (error) {
    return error as RemoteError;
  }
  return assert.fail('it should have failed');
}

const makeJson = (task: string): SignatureJson => ({
  task,
  args: [],
  kwargs: {},
  options: {},
  subtask_type: null,
  immutable: true,
});
