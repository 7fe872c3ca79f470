import { writeMessage } from '../../src/wire/write-message.js';
import { writeHeaderValue } from '../../src/wire/header-values.js';

const written = (value: unknown): unknown => writeHeaderValue(value, 'a header');
const int = (value: number) => ({ '!': 'int', value });

describe('numbers in headers', () => {
  it('are written so that Python reads the same: no short integers, nothing negative in a type that it reads without a sign', () => {
    expect([0, 1, 127, 0.5, -0.5].map(written)).toStrictEqual([0, 1, 127, 0.5, -0.5]);
    expect([128, 600, 32_767, 32_768, -1, -128, 2 ** 31 - 1].map(written)).toStrictEqual(
      [128, 600, 32_767, 32_768, -1, -128, 2 ** 31 - 1].map(int),
    );
    expect(written(2 ** 40)).toBe(2 ** 40);
    expect(written(-(2 ** 40))).toStrictEqual({ '!': 'double', value: -(2 ** 40) });
    expect(written({ timelimit: [600, null], deep: [{ n: -3 }] })).toEqual({
      timelimit: [int(600), null],
      deep: [{ n: int(-3) }],
    });
  });

  it('are written so wherever they stand in a message', () => {
    const message = {
      contentType: 'application/json',
      contentEncoding: 'utf-8',
      headers: { retries: 0, own: 600, timelimit: [600, null] },
      properties: {},
      body: '[[],{},{}]',
    };
    expect(writeMessage(message, { count: 200 }).options.headers).toStrictEqual({
      retries: 0,
      own: int(600),
      timelimit: [int(600), null],
      count: int(200),
    });
  });

  it('are refused where they are none', () => {
    expect(() => written(Number.NaN)).toThrow('NaN is no number');
  });
});
