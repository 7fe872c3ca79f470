import assert from 'node:assert/strict';
import type { Driver, TokenOutcome, TokenRequest } from '@lovage/core';
import { awkwardNames } from '../broker/awkward-names.js';
import type { ConformanceCase } from '../conformance-case.js';
import { type Harness, ledgerOf } from '../harness.js';

const request: TokenRequest = { bucket: 'mail', tokens: 1, capacity: 5, refillPerSecond: 2 };

/** For cases in which a bucket has to fill again. */
const fast = { refillPerSecond: 10 };

async function take(
  harness: Harness,
  parts: Partial<TokenRequest> = {},
  view: Driver = harness.view,
): Promise<TokenOutcome> {
  return await ledgerOf(view).takeTokens({ request: { ...request, ...parts }, deadline: harness.deadline() });
}

/** Takes until it is told to wait; gives how many were granted and the wait. */
async function drain(
  harness: Harness,
  parts: Partial<TokenRequest> = {},
): Promise<{ readonly granted: number; readonly retryInMs: number }> {
  for (let granted = 0; granted < 1000; granted += 1) {
    const outcome = await take(harness, parts);
    if (outcome.kind === 'wait') return { granted, retryInMs: outcome.retryInMs };
  }
  return assert.fail('a bucket of 5 gave 1,000 tokens');
}

export const tokenCases: readonly ConformanceCase[] = [
  {
    name: 'gives what a full bucket holds, then tells how long to wait',
    run: async (harness) => {
      const start = harness.clock.monoNow();
      const { granted, retryInMs } = await drain(harness);
      const refilled = ((harness.clock.monoNow() - start) / 1000) * request.refillPerSecond;
      assert.ok(granted >= 5, `${granted} granted of a full bucket of 5`);
      assert.ok(granted <= 5 + refilled, `${granted} granted, ${5 + refilled} were there`);
      assert.ok(
        retryInMs > 0 && retryInMs <= 500,
        `one token comes every 500 ms, told to wait ${retryInMs} ms`,
      );
    },
  },
  {
    name: 'grants to whoever has waited as long as it was told',
    run: async (harness) => {
      for (const tokens of [1, 3, 5]) {
        const parts = { ...fast, tokens };
        const { retryInMs } = await drain(harness, parts);
        await harness.advance(retryInMs);
        assert.equal((await take(harness, parts)).kind, 'granted', `${tokens} tokens after ${retryInMs} ms`);
      }
    },
  },
  {
    name: 'never holds more than its capacity, however long nobody takes',
    run: async (harness) => {
      await take(harness, { ...fast, tokens: 5 });
      await harness.advance(900);
      const start = harness.clock.monoNow();
      const { granted } = await drain(harness, fast);
      const refilled = ((harness.clock.monoNow() - start) / 1000) * fast.refillPerSecond;
      assert.ok(granted <= 5 + refilled, `${granted} granted, ${5 + refilled} were there`);
    },
  },
  {
    name: 'grants no more than capacity and refill to all processes together',
    run: async (harness) => {
      const views = [harness.view, await harness.another(), await harness.another()];
      const start = harness.clock.monoNow();
      const outcomes = await Promise.all(
        Array.from({ length: 30 }, async (_, index) => await take(harness, {}, views[index % 3])),
      );
      const granted = outcomes.filter(({ kind }) => kind === 'granted').length;
      const refilled = ((harness.clock.monoNow() - start) / 1000) * request.refillPerSecond;
      assert.ok(granted >= 5 && granted <= 5 + refilled, `${granted} granted, ${5 + refilled} were there`);
    },
  },
  {
    name: 'takes nothing from a bucket that has too little',
    run: async (harness) => {
      await take(harness, { tokens: 3 });
      assert.equal((await take(harness, { tokens: 5 })).kind, 'wait');
      assert.equal((await take(harness, { tokens: 2 })).kind, 'granted', 'the refused request took tokens');
    },
  },
  {
    name: 'keeps buckets apart, whatever they are called',
    run: async (harness) => {
      for (const bucket of awkwardNames) {
        assert.equal((await take(harness, { bucket, tokens: 5 })).kind, 'granted', `bucket "${bucket}"`);
      }
    },
  },
];
