import { date, decimal, time, TypedValue, uuid } from '../../src/message/typed-value.js';
import { codedError, codeOf } from './support/coded-error.js';

describe('typed values', () => {
  it('keep their text', () => {
    expect(decimal('1.10')).toMatchObject({ kind: 'decimal', text: '1.10' });
    expect(String(date('2030-01-02'))).toBe('2030-01-02');
    expect(time('03:04:05.678901+05:30')).toBeInstanceOf(TypedValue);
  });

  it.each<[string, (text: string) => TypedValue, string[]]>([
    ['decimal', decimal, ['', '1,5', '0x1', '1e', '.', 'one', '1 ']],
    ['uuid', uuid, ['', '12345678123456781234567812345678', '12345678-1234-5678-1234-56781234567g']],
    ['date', date, ['', '2030-1-2', '2030-02-30', '2030-13-01', '0000-01-01', '2030-01-02T00:00:00']],
    ['time', time, ['', '3:4:5', '24:00:00', '03:60', '03:04:05.5']],
  ])('%s refuses text that Python could not read', (name, make, texts) => {
    for (const text of texts) expect(codeOf(() => make(text))).toBe('LOVAGE_VALUE_UNSERIALIZABLE');
    expect(codedError(() => make(5 as never)).message).toContain(`the argument of ${name}()`);
  });

  it.each(['0', '-1', '+1.', '.5', '1E+5', 'NaN', 'Infinity', '-Infinity'])('decimal takes %s', (text) => {
    expect(decimal(text).text).toBe(text);
  });
});
