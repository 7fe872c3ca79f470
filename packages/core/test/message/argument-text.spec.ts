import { readJson } from '../../src/message/json-reader.js';
import { reprOfArgs, reprOfKwargs } from '../../src/message/python-repr.js';
import { date, decimal, uuid } from '../../src/message/typed-value.js';
import { argumentTexts } from './support/recorded.js';

interface Row {
  readonly args: readonly unknown[];
  readonly argsrepr: string;
  readonly kwargsrepr: string;
}

// Read exactly, so that 123456789012345680000 stays an integer.
const rows = readJson(argumentTexts) as readonly Row[];
const named = (args: readonly unknown[]): Record<string, unknown> =>
  Object.fromEntries(args.map((value, index) => [`k${index}`, value]));
/** JavaScript has no 1.0: a float without a fraction is an integer. */
const asJavaScript = (text: string): string => text.replace('1.0,', '1,');

describe('text of arguments', () => {
  it.each(rows.map((row): [string, Row] => [row.argsrepr.slice(0, 60), row]))(
    'is that of Celery: %s',
    (_title, row) => {
      expect(reprOfArgs(row.args)).toBe(asJavaScript(row.argsrepr));
      expect(reprOfKwargs(named(row.args))).toBe(asJavaScript(row.kwargsrepr));
    },
  );

  it('shows values that Python has classes for as Python does', () => {
    const args = [
      new Date(Date.UTC(2030, 0, 2, 3, 4, 5, 678)),
      new Date(Date.UTC(2030, 0, 2)),
      decimal('1.50'),
      uuid('12345678-1234-5678-1234-567812345678'),
      date('2030-01-02'),
      Buffer.from('text'),
      Buffer.from([0xff, 0]),
      12345678901234567890n,
      Number.NaN,
      -0,
      undefined,
    ];
    expect(reprOfArgs(args)).toBe(
      '(datetime.datetime(2030, 1, 2, 3, 4, 5, 678000, tzinfo=datetime.timezone.utc), ' +
        "datetime.datetime(2030, 1, 2, 0, 0, tzinfo=datetime.timezone.utc), Decimal('1.50'), " +
        "UUID('12345678-1234-5678-1234-567812345678'), '2030-01-02', b'text', b'ff00', 12345678901234567890, nan, -0.0, None)",
    );
  });

  // What Celery 5.2.6 answers, where its limit of 1024 characters is reached at each kind of place.
  it.each<[string, Record<string, unknown>, string]>([
    ['inside of a text', { k: 'x'.repeat(2000) }, `{'k': '${'x'.repeat(1018)}...', ...`],
    ['at the last bracket of a list', { k: ['x'.repeat(2000)] }, `{'k': ['${'x'.repeat(1017)}...', ...}`],
    ['before the next item', { k: ['x'.repeat(2000), 1] }, `{'k': ['${'x'.repeat(1017)}...', ...]}`],
    ['before a list', { k: ['x'.repeat(1014), [1, 2]] }, `{'k': ['${'x'.repeat(1014)}', , ...]]}`],
    ['at a space', { k: `${'x'.repeat(900)} ${'y'.repeat(900)}` }, `{'k': '${'x'.repeat(900)}...'}`],
    ['counted in code points', { k: '😀'.repeat(1100) }, `{'k': '${'😀'.repeat(1018)}...', ...`],
  ])('is cut as in Celery: %s', (_title, kwargs, text) => {
    expect(reprOfKwargs(kwargs)).toBe(text);
  });

  it('survives a getter that throws', () => {
    const hostile = Object.defineProperty({}, 'x', {
      enumerable: true,
      get: () => {
        throw new Error('no');
      },
    });
    expect(reprOfArgs([hostile])).toBe('(...)');
    expect(reprOfKwargs({ hostile })).toBe('{...}');
  });

  it('is bounded for a huge value', () => {
    const wide = Array.from({ length: 100_000 }, (_, index) => index);
    expect(reprOfArgs([wide, 'x'.repeat(1_000_000)]).length).toBeLessThan(1100);
  });
});
