import { z } from 'zod';
import { schemaCheck } from '../../src/arguments/schema-check.js';
import type { StandardSchema } from '../../src/index.js';

const address = z.object({ street: z.string(), zip: z.string().length(5) });

describe('the check of a Standard Schema', () => {
  it('gives what the schema gives', async () => {
    expect(await schemaCheck(z.string().trim())(' a ', 'x')).toEqual({ value: 'a' });
  });

  it('tells problems by their path', async () => {
    const check = schemaCheck(z.object({ people: z.array(z.object({ address })) }));
    const checked = await check(
      { people: [{ address: { street: 1, zip: '12345' } }, { address: { street: 'a', zip: '1' } }] },
      'input',
    );
    expect(checked.problems?.map(({ argument }) => argument)).toEqual([
      'input.people.0.address.street',
      'input.people.1.address.zip',
    ]);
  });

  it('waits for a schema that takes its time', async () => {
    const check = schemaCheck(
      z.string().refine(async (value) => await Promise.resolve(value === 'free'), 'is taken'),
    );
    expect(await check('free', 'x')).toEqual({ value: 'free' });
    expect(await check('mine', 'x')).toEqual({ problems: [{ argument: 'x', problem: 'is taken' }] });
  });

  it('reads paths of objects, and does without a path', async () => {
    const schema: StandardSchema = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: () => ({
          issues: [{ message: 'no', path: [{ key: 'a' }, 0, Symbol('s')] }, { message: 'never' }],
        }),
      },
    };
    expect(await schemaCheck(schema)({}, 'x')).toEqual({
      problems: [
        { argument: 'x.a.0.Symbol(s)', problem: 'no' },
        { argument: 'x', problem: 'never' },
      ],
    });
  });

  it('gives a real promise for anything that can be waited for', async () => {
    const later = {
      // reason: an object that can be waited for and is no promise is what this is about.
      // oxlint-disable-next-line no-thenable
      then: (resolve: (outcome: { readonly value: string }) => void) => resolve({ value: 'late' }),
    };
    const schema = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: () => later as unknown as Promise<{ readonly value: string }>,
      },
    } as const;
    const outcome = schemaCheck(schema)('x', 'x');
    expect(outcome).toBeInstanceOf(Promise);
    expect(await outcome).toEqual({ value: 'late' });
  });
});
