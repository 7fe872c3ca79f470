import assert from 'node:assert/strict';
import type { Driver, ResultWatch, StoredResult } from '@lovage/core';
import type { ConformanceCase } from '../conformance-case.js';
import { type Harness, resultsOf } from '../harness.js';
import { assertRecord, record } from '../sample-message.js';
import { put } from './record-cases.js';

/** A watch that notes what it is told. */
class Watcher {
  readonly told: StoredResult[] = [];
  readonly watch: ResultWatch;

  constructor(
    private readonly harness: Harness,
    view: Driver = harness.view,
  ) {
    this.watch = resultsOf(view).watch({ listener: (result) => this.told.push(result) });
  }

  async add(...taskIds: string[]): Promise<readonly (StoredResult | undefined)[]> {
    return await this.watch.add({ taskIds, deadline: this.harness.deadline() });
  }

  /** What it was told of an id, as the texts of the documents' states. */
  states(taskId: string): readonly string[] {
    return this.told.filter((result) => result.taskId === taskId).map(({ state }) => state);
  }

  async hears(taskId: string, state: string): Promise<void> {
    await this.harness.eventually(`the watch should be told ${state} of ${taskId}`, () =>
      this.states(taskId).includes(state),
    );
  }
}

/** Checks what a watch was told: all where the store pushes, else at least the last, and nothing out of order. */
function assertTold(harness: Harness, told: readonly string[], stored: readonly string[]): void {
  if (resultsOf(harness.view).capabilities.push) {
    assert.deepEqual(told, stored);
    return;
  }
  assert.equal(told.at(-1), stored.at(-1));
  let at = -1;
  for (const state of told) {
    at = stored.indexOf(state, at + 1);
    assert.ok(at !== -1, `told ${told.join(', ')}, stored ${stored.join(', ')}`);
  }
}

export const watchCases: readonly ConformanceCase[] = [
  {
    name: 'tells a watch of what is stored after the id was added, in order',
    run: async (harness) => {
      const watcher = new Watcher(harness);
      assert.deepEqual(await watcher.add('a'), [undefined]);
      for (const state of ['STARTED', 'PROGRESS', 'RETRY', 'SUCCESS'])
        await put(harness, [record('a', state)]);
      await watcher.hears('a', 'SUCCESS');
      await harness.quiet();
      assertTold(harness, watcher.states('a'), ['STARTED', 'PROGRESS', 'RETRY', 'SUCCESS']);
      assertRecord(watcher.told.at(-1), record('a', 'SUCCESS'));
    },
  },
  {
    name: 'tells the records of one batch in its order',
    run: async (harness) => {
      const watcher = new Watcher(harness);
      await watcher.add('a', 'b');
      await put(harness, [
        record('a', 'STARTED'),
        record('b', 'STARTED'),
        record('a', 'FAILURE'),
        record('a', 'SUCCESS'),
      ]);
      await watcher.hears('a', 'SUCCESS');
      await watcher.hears('b', 'STARTED');
      assertTold(harness, watcher.states('a'), ['STARTED', 'FAILURE', 'SUCCESS']);
    },
  },
  {
    name: 'gives what is stored when ids are added, in the order of the ids',
    run: async (harness) => {
      await put(harness, [record('a', 'STARTED', 1), record('b', 'SUCCESS', 2)]);
      const watcher = new Watcher(harness);
      const [missing, b, a] = await watcher.add('missing', 'b', 'a');
      assert.equal(missing, undefined);
      assertRecord(b, record('b', 'SUCCESS', 2));
      assertRecord(a, record('a', 'STARTED', 1));
      await put(harness, [record('a', 'SUCCESS', 3)]);
      await watcher.hears('a', 'SUCCESS');
    },
  },
  {
    name: 'misses nothing that is stored while an id is being added',
    run: async (harness) => {
      const other = await harness.another();
      const watcher = new Watcher(harness);
      const ids = Array.from({ length: 60 }, (_, index) => `race-${index}`);
      const found = new Map<string, StoredResult | undefined>();
      await Promise.all(
        ids.map(async (taskId, index) => {
          // Stored just before, at the same time, and just after, by this process and by another.
          const adding = async (): Promise<void> => {
            found.set(taskId, (await watcher.add(taskId))[0]);
          };
          const storing = async (): Promise<unknown> =>
            await put(harness, [record(taskId, 'SUCCESS', index)], index % 2 === 0 ? harness.view : other);
          const steps = index % 3 === 0 ? [adding(), storing()] : [storing(), adding()];
          await Promise.all(steps);
        }),
      );
      await harness.eventually('every record should be in the answer or be told', () =>
        ids.every((taskId) => found.get(taskId) !== undefined || watcher.states(taskId).length > 0),
      );
    },
  },
  {
    name: 'misses nothing that is stored in several steps while an id is being added',
    run: async (harness) => {
      const watcher = new Watcher(harness);
      for (let round = 0; round < 20; round += 1) {
        const taskId = `steps-${round}`;
        const storing = (async () => {
          await put(harness, [record(taskId, 'STARTED')]);
          await put(harness, [record(taskId, 'SUCCESS')]);
        })();
        const [answer] = await watcher.add(taskId);
        await storing;
        await harness.eventually(
          'the last record should be in the answer or be told',
          () => answer?.state === 'SUCCESS' || watcher.states(taskId).includes('SUCCESS'),
        );
      }
    },
  },
  {
    name: 'tells a watch of what another process stores',
    run: async (harness) => {
      const watcher = new Watcher(harness);
      await watcher.add('a');
      await put(harness, [record('a', 'SUCCESS', 5)], await harness.another());
      await watcher.hears('a', 'SUCCESS');
      assertRecord(watcher.told[0], record('a', 'SUCCESS', 5));
    },
  },
  {
    name: 'tells a watch of its own ids only',
    run: async (harness) => {
      const watcher = new Watcher(harness);
      await watcher.add('a');
      await put(harness, [record('b', 'SUCCESS'), record('a', 'SUCCESS')]);
      await watcher.hears('a', 'SUCCESS');
      await harness.quiet();
      assert.deepEqual(watcher.states('b'), []);
    },
  },
  {
    name: 'holds hundreds of ids in one watch',
    run: async (harness) => {
      const watcher = new Watcher(harness);
      const ids = Array.from({ length: 500 }, (_, index) => `many-${index}`);
      await watcher.add(...ids.slice(0, 250));
      await watcher.add(...ids.slice(250));
      await put(
        harness,
        ids.map((taskId) => record(taskId, 'SUCCESS')),
      );
      await harness.eventually(
        'all should be told',
        () => new Set(watcher.told.map(({ taskId }) => taskId)).size === 500,
      );
    },
  },
  {
    name: 'tells every watch of an id',
    run: async (harness) => {
      const watchers = [
        new Watcher(harness),
        new Watcher(harness),
        new Watcher(harness, await harness.another()),
      ];
      for (const watcher of watchers) await watcher.add('a');
      await put(harness, [record('a', 'SUCCESS')]);
      for (const watcher of watchers) await watcher.hears('a', 'SUCCESS');
    },
  },
  {
    name: 'does not tell of a record that was refused',
    run: async (harness) => {
      const watcher = new Watcher(harness);
      await watcher.add('a');
      await put(harness, [record('a', 'SUCCESS', 1)]);
      await put(harness, [record('a', 'STARTED', 2), record('a', 'SUCCESS', 3)]);
      await watcher.hears('a', 'SUCCESS');
      await harness.quiet();
      assert.deepEqual(watcher.states('a'), ['SUCCESS']);
    },
  },
  {
    name: 'takes an id that is added twice for one',
    run: async (harness) => {
      const watcher = new Watcher(harness);
      await watcher.add('a', 'a');
      await watcher.add('a');
      await put(harness, [record('a', 'STARTED')]);
      await watcher.hears('a', 'STARTED');
      await harness.quiet();
      assert.deepEqual(watcher.states('a'), ['STARTED']);
      watcher.watch.remove({ taskIds: ['a'] });
      await put(harness, [record('a', 'SUCCESS')]);
      await harness.quiet();
      assert.deepEqual(watcher.states('a'), ['STARTED']);
    },
  },
  {
    name: 'tells nothing of an id after it was removed, and goes on with the others',
    run: async (harness) => {
      const [watcher, witness] = [new Watcher(harness), new Watcher(harness)];
      await watcher.add('a', 'b');
      await witness.add('a');
      watcher.watch.remove({ taskIds: ['a', 'missing'] });
      await put(harness, [record('a', 'SUCCESS'), record('b', 'SUCCESS')]);
      await watcher.hears('b', 'SUCCESS');
      await witness.hears('a', 'SUCCESS');
      await harness.quiet();
      assert.deepEqual(watcher.states('a'), []);
    },
  },
  {
    name: 'tells of an id that was removed and added again',
    run: async (harness) => {
      const watcher = new Watcher(harness);
      await watcher.add('a');
      watcher.watch.remove({ taskIds: ['a'] });
      await put(harness, [record('a', 'STARTED')]);
      const [answer] = await watcher.add('a');
      assertRecord(answer, record('a', 'STARTED'));
      await put(harness, [record('a', 'SUCCESS')]);
      await watcher.hears('a', 'SUCCESS');
    },
  },
  {
    name: 'lets a listener remove the id that it is told of',
    run: async (harness) => {
      const told: string[] = [];
      const watch = resultsOf(harness.view).watch({
        listener: ({ taskId, state }) => {
          told.push(`${taskId} ${state}`);
          watch.remove({ taskIds: [taskId] });
        },
      });
      await watch.add({ taskIds: ['a', 'b'], deadline: harness.deadline() });
      await put(harness, [record('a', 'STARTED'), record('b', 'STARTED')]);
      await put(harness, [record('a', 'SUCCESS'), record('b', 'SUCCESS')]);
      await harness.eventually('both should be told', () => told.length >= 2);
      await harness.quiet();
      // Where the store does not push, what it asks for may have moved on before.
      assert.deepEqual(told.map((text) => text.slice(0, 1)).toSorted(), ['a', 'b']);
    },
  },
  {
    name: 'tells nothing after the watch was closed; closing twice is legal',
    run: async (harness) => {
      const [watcher, witness] = [new Watcher(harness), new Watcher(harness)];
      await watcher.add('a');
      await witness.add('a');
      watcher.watch.close();
      watcher.watch.close();
      await put(harness, [record('a', 'SUCCESS')]);
      await witness.hears('a', 'SUCCESS');
      await harness.quiet();
      assert.deepEqual(watcher.told, []);
    },
  },
  {
    name: 'tells nothing after the result store was closed',
    run: async (harness) => {
      const closing = await harness.another();
      const watcher = new Watcher(harness, closing);
      await watcher.add('a');
      await resultsOf(closing).close({ deadline: harness.deadline() });
      await put(harness, [record('a', 'SUCCESS')]);
      await harness.quiet();
      assert.deepEqual(watcher.told, []);
    },
  },
];
