import fc from 'fast-check';
import { hostFormat, namesHost } from '../../src/routing/host-format.js';

describe('hostFormat', () => {
  it.each([
    ['logs.%h', 'web-1.example.org', 'logs.web-1.example.org'],
    ['logs.%n', 'web-1.example.org', 'logs.web-1'],
    ['logs.%d', 'web-1.example.org', 'logs.example.org'],
    ['%n@%d', 'web-1', 'web-1@'],
    ['100%%', 'web-1', '100%'],
    ['%%h', 'web-1', '%h'],
    ['plain', 'web-1', 'plain'],
  ])('reads %p on %p as %p', (text, host, expected) => {
    expect(hostFormat(text, host)).toBe(expected);
  });

  it.each(['50%', '%x', '%i', '%H', 'a%h%'])('does not know what %p means', (text) => {
    expect(hostFormat(text, 'web-1')).toBeUndefined();
  });

  it('gives any text back that was written with doubled percent signs', () => {
    fc.assert(
      fc.property(fc.string(), fc.domain(), (text, host) => {
        const written = text.replaceAll('%', '%%');
        expect(hostFormat(written, host)).toBe(text);
        expect(namesHost(written)).toBe(false);
      }),
    );
  });

  it('differs from host to host exactly where the host is named', () => {
    const word = fc.constantFrom('%h', '%n', '%d', '%%', 'a', '.', 'h');
    fc.assert(
      fc.property(fc.array(word), (words) => {
        const text = words.join('');
        const differs = hostFormat(text, 'a.example.org') !== hostFormat(text, 'b.example.com');
        expect(namesHost(text)).toBe(differs);
      }),
    );
  });
});
