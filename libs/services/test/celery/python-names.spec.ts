import fc from 'fast-check';
import { fromPythonNames, toPythonNames } from '../../src/celery/python-names.js';

describe('Python names', () => {
  it('are written with underscores', () => {
    expect(toPythonNames({ softTimeLimit: 1, eta: 2, linkError: undefined })).toStrictEqual({
      soft_time_limit: 1,
      eta: 2,
    });
  });

  it('come back the same', () => {
    const word = fc.stringMatching(/^[a-z]{1,8}([A-Z][a-z]{1,8}){0,3}$/);
    fc.assert(
      fc.property(fc.dictionary(word, fc.integer(), { noNullPrototype: true }), (record) => {
        expect(fromPythonNames(toPythonNames(record))).toStrictEqual(record);
      }),
    );
  });
});
