// fast-check as the tests see it (jest.config.ts maps the name here): the same cases in every run, so that a run that
// fails can be repeated, and a change is not refused for a case that has nothing to do with it. To look for new cases:
//
//   PROPERTY_SEED=random npm test -- packages/core/test/message
import fc from '../node_modules/fast-check/lib/fast-check.js';

const { PROPERTY_SEED = '20260901' } = process.env;

if (PROPERTY_SEED !== 'random') {
  const seed = Number(PROPERTY_SEED);
  if (!Number.isSafeInteger(seed))
    throw new Error(`PROPERTY_SEED is "${PROPERTY_SEED}": a whole number or "random" is expected`);
  fc.configureGlobal({ seed });
}

export * from '../node_modules/fast-check/lib/fast-check.js';
// reason: fast-check's own face.
// oxlint-disable-next-line no-default-export
export { fc as default };
