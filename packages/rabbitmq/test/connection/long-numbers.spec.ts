import { makeLongNumbersReadable } from '../../src/connection/long-numbers.js';
import { rawHeader, rawValue } from '../support/raw-message.js';

describe('makeLongNumbersReadable', () => {
  it('changes nothing but the tags of long numbers, wherever they are', () => {
    const value = (tag: 'L' | 'l') => (number: bigint) => {
      const written = rawValue.long(number);
      written.write(tag);
      return written;
    };
    const written = (long: (number: bigint) => Buffer): Buffer =>
      rawHeader({
        contentType: 'L',
        headers: [
          ['L', rawValue.text('LLLLLLLLL')],
          ['bytes', rawValue.bytes(Buffer.from('L'))],
          ['list', rawValue.list(rawValue.nothing, long(1n), rawValue.table([['L', long(-1n)]]), long(2n))],
          ['last', long(5_498_267_812_633_693_260n)],
        ],
        correlationId: 'L',
      });
    const frame = written(value('L'));
    expect(makeLongNumbersReadable(frame)).toBe(true);
    expect(frame).toEqual(written(value('l')));
    expect(makeLongNumbersReadable(frame)).toBe(false);
  });

  it('does not claim to know what it does not', () => {
    expect(makeLongNumbersReadable(rawHeader({ correlationId: 'x' }))).toBe(false);
    const headers = [['long', rawValue.long(1n)] as const, ['odd', Buffer.from('?')] as const];
    expect(makeLongNumbersReadable(rawHeader({ headers }))).toBe(false);
  });
});
