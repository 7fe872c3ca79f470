import { autoscale, duration, integer, memory, names, oneOf, port } from '../../src/flags/read-value.js';

describe('values of the command line', () => {
  it.each<[string, (text: string) => unknown, string, unknown]>([
    ['a whole number', integer(1), '12', 12],
    ['names', names, 'celery, hipri', ['celery', 'hipri']],
    ['seconds', duration, '1.5', 1.5],
    ['a time in words', duration, '10m', '10m'],
    ['a choice', oneOf({ prefork: 'processes' }), 'PREFORK', 'processes'],
    ['max,min', autoscale, '10,3', { min: 3, max: 10 }],
    ['kilobytes', memory, '12000', 12_000],
    ['a size', memory, '1.5GB', '1.5GB'],
    ['a port', port, '8080', 8080],
  ])('reads %s', (_, read, text, expected) => {
    expect(read(text)).toStrictEqual(expected);
  });

  it.each<[string, (text: string) => unknown, readonly string[]]>([
    ['whole number', integer(1), ['', '0', '-1', '1.5', '1e3', 'x', '99999999999999999999']],
    ['names', names, ['', ',', 'a,,b', 'a,']],
    ['seconds', duration, ['', 'soon', '-1', '5 parsecs']],
    ['one of prefork', oneOf({ prefork: 'processes' }), ['', 'fork', 'toString', '__proto__']],
    ['larger first', autoscale, ['', '3', '3,10', '0,0', 'a,b', '3,1,2']],
    ['kilobytes', memory, ['', '0', '-5', '10TB', 'MB']],
    ['port', port, ['', '65536', '-1', 'http']],
  ])('tells what it expects: %s', (expected, read, wrong) => {
    for (const text of wrong) expect(() => read(text)).toThrow(expected);
  });
});
