import fc from 'fast-check';
import { date } from '../../../src/message/typed-value.js';
import { boundedKey, flowName } from '../../../src/task/flow/flow-name.js';

const call = (args: readonly unknown[], kwargs: Readonly<Record<string, unknown>> = {}) => ({ args, kwargs });

describe('the name of a key', () => {
  const nameOf = flowName('unique', 'mail.send', 'arguments');

  it('is the same for what arrives at the worker as for what was sent', () => {
    fc.assert(
      fc.property(
        fc.array(fc.jsonValue(), { maxLength: 4 }),
        fc.dictionary(fc.string(), fc.jsonValue()),
        (args, kwargs) => {
          const sent = JSON.stringify([args, kwargs]);
          const [arrivedArgs, arrivedKwargs] = JSON.parse(sent);
          expect(nameOf(call(arrivedArgs, arrivedKwargs))).toBe(nameOf(call(args, { ...kwargs })));
        },
      ),
    );
  });

  it('does not depend on the order of keyword arguments, but on which is which', () => {
    expect(nameOf(call([], { a: 1, b: 2 }))).toBe(nameOf(call([], { b: 2, a: 1 })));
    expect(nameOf(call([], { a: 1, b: 2 }))).not.toBe(nameOf(call([], { a: 2, b: 1 })));
    expect(nameOf(call([1], {}))).not.toBe(nameOf(call([1, {}], {})));
  });

  it('takes all that can travel', () => {
    const names = [[new Date(0)], [date('2026-01-01')], [10n], [null], [[]], ['']].map((args) =>
      nameOf(call(args)),
    );
    expect(new Set(names).size).toBe(names.length);
  });

  it('is bounded, whatever a caller gives', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 400 }), fc.string({ minLength: 1, maxLength: 255 }), (key, task) => {
        const name = flowName('rate', task, () => key)(call([]));
        expect(name.length).toBeLessThan(260);
      }),
    );
  });

  it('keeps different keys apart, also those that look like a hash', () => {
    const long = 'x'.repeat(101);
    expect(boundedKey(boundedKey(long))).not.toBe(boundedKey(long));
    expect(boundedKey('short')).toBe('short');
  });

  it.each<[string, () => unknown]>([
    ['throws', () => (undefined as unknown as { id: string }).id],
    ['gives nothing', () => undefined],
    ['gives an object', () => ({})],
    ['gives no number', () => Number.NaN],
  ])('is refused when the function %s', (_, by) => {
    expect(() => flowName('rate', 't', by as never)(call([]))).toThrow(
      expect.objectContaining({ code: 'LOVAGE_FLOW_KEY_INVALID' }),
    );
  });
});
