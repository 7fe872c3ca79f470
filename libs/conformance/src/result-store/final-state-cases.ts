import assert from 'node:assert/strict';
import type { ConformanceCase } from '../conformance-case.js';
import { assertRecord, record } from '../sample-message.js';
import { get, put } from './record-cases.js';

/** States on the way, Celery's and a custom one. A record of one of them may always be replaced. */
const earlier = ['PENDING', 'RECEIVED', 'STARTED', 'RETRY', 'PROGRESS', 'REJECTED', 'IGNORED'];

interface Rule {
  readonly stored: string;
  readonly next: string;
  readonly outcome: 'stored' | 'refused';
}

const pairs = (
  stored: readonly string[],
  next: readonly string[],
  outcome: Rule['outcome'],
): readonly Rule[] => stored.flatMap((one) => next.map((other) => ({ stored: one, next: other, outcome })));

const rules: readonly Rule[] = [
  ...pairs(earlier, earlier, 'stored'),
  ...pairs(earlier, ['SUCCESS', 'FAILURE', 'REVOKED'], 'stored'),
  ...pairs(['SUCCESS'], [...earlier, 'SUCCESS', 'FAILURE', 'REVOKED'], 'refused'),
  ...pairs(['FAILURE', 'REVOKED'], earlier, 'refused'),
  // A task that was delivered again may end otherwise.
  ...pairs(['FAILURE', 'REVOKED'], ['SUCCESS', 'FAILURE', 'REVOKED'], 'stored'),
];

export const finalStateCases: readonly ConformanceCase[] = [
  {
    name: 'lets a record be replaced as long as it is not final; SUCCESS stays, FAILURE and REVOKED yield to final ones only',
    run: async (harness) => {
      const before = rules.map(({ stored }, index) => record(`t${index}`, stored, 'before'));
      const after = rules.map(({ next }, index) => record(`t${index}`, next, 'after'));
      assert.deepEqual(
        await put(harness, before),
        rules.map(() => 'stored'),
      );
      const outcomes = await put(harness, after);
      const found = await get(
        harness,
        rules.map((_, index) => `t${index}`),
      );
      for (const [index, { stored, next, outcome }] of rules.entries()) {
        assert.equal(outcomes[index], outcome, `${next} after ${stored}`);
        const expected = (outcome === 'stored' ? after : before)[index];
        assert.ok(expected !== undefined);
        assertRecord(found[index], expected);
      }
    },
  },
  {
    name: 'keeps the first of several SUCCESS records that are stored at once',
    run: async (harness) => {
      const views = [harness.view, await harness.another(), await harness.another()];
      const outcomes = await Promise.all(
        views.map(async (view, index) => await put(harness, [record('t', 'SUCCESS', index)], view)),
      );
      assert.deepEqual(outcomes.flat().toSorted(), ['refused', 'refused', 'stored']);
      const winner = outcomes.findIndex(([outcome]) => outcome === 'stored');
      assertRecord((await get(harness, ['t']))[0], record('t', 'SUCCESS', winner));
    },
  },
];
