import fc from 'fast-check';
import { backoffMs } from '../../src/retry/backoff.js';
import { automaticAttempt, askedAttempt, type RetrySituation } from '../../src/retry/next-attempt.js';
import type { RetryPolicy } from '../../src/task/retry-policy.js';
import { retryAfterMs } from '../../src/retry/retry-after.js';

const situation = (given: Partial<RetrySituation> = {}): RetrySituation => ({
  error: new Error('x'),
  retries: 0,
  taskName: 't',
  taskId: 'i',
  nowMs: 1_000_000,
  firstStartedMs: 1_000_000,
  random: () => 0.5,
  ...given,
});

function failingDelay(): number {
  throw new Error('no delay');
}

const tenSeconds = { retryBackoff: '10s' } as const;

describe('backoff', () => {
  it('is whole, from 0 to its ceiling, and without jitter never falls', () => {
    fc.assert(
      fc.property(
        fc.nat(2000),
        fc.nat(100_000),
        fc.nat(1_000_000),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (retries, initialMs, maxMs, random) => {
          const one = (jitter: boolean, times: number): number =>
            backoffMs(times, { initialMs, maxMs, jitter }, () => random);
          for (const delay of [one(true, retries), one(false, retries)]) {
            expect(Number.isInteger(delay)).toBe(true);
            expect(delay).toBeGreaterThanOrEqual(0);
            expect(delay).toBeLessThanOrEqual(maxMs);
          }
          expect(one(false, retries + 1)).toBeGreaterThanOrEqual(one(false, retries));
          expect(one(true, retries)).toBeLessThanOrEqual(one(false, retries));
        },
      ),
    );
  });
});

describe('the next attempt', () => {
  it.each<[string, RetryPolicy, number]>([
    ['the default delay', {}, 180_000],
    ['the first step of a backoff', { retryBackoff: true, retryJitter: false }, 1000],
    ['a backoff of its own start', { retryBackoff: '10s', retryJitter: false }, 10_000],
    ['half of it by jitter', tenSeconds, 5000],
    ['what a function says', { retryBackoff: () => '7s' }, 7000],
    ['the default where a function throws', { retryBackoff: failingDelay }, 180_000],
  ])('comes after %s', (_, policy, delayMs) => {
    expect(askedAttempt({}, policy, situation())).toEqual({
      kind: 'retry',
      notBeforeMs: 1_000_000 + delayMs,
    });
  });

  it('is none beyond the retries or the budget of time', () => {
    expect(askedAttempt({}, { maxRetries: 1 }, situation({ retries: 1 }))).toMatchObject({
      by: 'maxRetries',
    });
    expect(askedAttempt({ maxRetries: null }, { maxRetries: 1 }, situation({ retries: 9 }))).toMatchObject({
      kind: 'retry',
    });
    const policy = { retryFor: '5m', maxRetries: null } as const;
    expect(askedAttempt({}, policy, situation({ firstStartedMs: 880_000 }))).toMatchObject({ kind: 'retry' });
    expect(askedAttempt({}, policy, situation({ firstStartedMs: 879_999 }))).toMatchObject({
      by: 'retryFor',
    });
  });

  it('is of no concern to an error that is not meant', () => {
    expect(automaticAttempt({ autoretryFor: [RangeError] }, situation())).toBeUndefined();
    expect(automaticAttempt({ autoretryFor: true, dontRetryFor: ['Error'] }, situation())).toBeUndefined();
  });
});

describe('Retry-After', () => {
  it.each<[unknown, number | undefined]>([
    [{ retryAfter: 3 }, 3000],
    [{ retryAfter: '2.5' }, 2500],
    [{ retryAfter: new Date(5000) }, 4000],
    [{ response: { headers: { 'Retry-After': 'Thu, 01 Jan 1970 00:00:11 GMT' } } }, 10_000],
    [{ headers: new Headers({ 'retry-after': '1' }) }, 1000],
    [{ retryAfter: 1e9 }, 86_400_000],
    [{ retryAfter: -1 }, 0],
    [{ retryAfter: 'soon' }, undefined],
    [{ retryAfter: {} }, undefined],
    ['text', undefined],
    [undefined, undefined],
  ])('of %p', (error, expected) => {
    expect(retryAfterMs(error, 1000)).toBe(expected);
  });

  it('is nothing in an error that throws when it is read', () => {
    const hostile = new Proxy({}, { get: () => JSON.parse('{') as unknown });
    expect(retryAfterMs(hostile, 0)).toBeUndefined();
  });
});
