import type { EncodeContext } from '../../src/message/codec-context.js';
import { yamlSerializer } from '../../src/message/yaml-serializer.js';
import { decimal } from '../../src/message/typed-value.js';
import { codedError, codeOf } from './support/coded-error.js';
import { limits } from './support/sample-message.js';

const writing: EncodeContext = {
  limits,
  jsonTypes: 'typed',
  where: 'args',
  maxBytes: limits.maxBytes,
  identity: {},
};
const write = (value: unknown): string => yamlSerializer.serialize(value, writing).toString();
const read = (text: string): unknown =>
  yamlSerializer.deserialize(Buffer.from(text), { limits, identity: {} });

describe('YAML', () => {
  it('writes what PyYAML can not take for something else', () => {
    expect(
      write([
        'yes',
        '\u2028\u0085',
        1e20,
        1e-7,
        1.5,
        Number.NaN,
        Number.NEGATIVE_INFINITY,
        -0,
        5n,
        null,
        true,
        { a: [], b: {} },
        new Date(0),
        Buffer.from('a'),
        decimal('1.10'),
      ]),
    ).toBe(
      '--- ["yes","\\u2028\\u0085",100000000000000000000.0,1.0e-7,1.5,.nan,-.inf,-0.0,5,null,true,{"a": [],"b": {}},' +
        '!!timestamp "1970-01-01T00:00:00.000000+00:00",!!binary "YQ==","1.10"]\n',
    );
    expect(write({ ['k'.repeat(1100)]: 1 })).toContain(`{? "${'k'.repeat(1100)}" : 1}`);
  });

  it('reads what PyYAML writes', () => {
    const text =
      '- - 1\n  - two\n  - - 3.5\n    - null\n    - true\n    - 1.0e+16\n    - .inf\n- k: &id001\n    n: yes\n  again: *id001\n' +
      '- when: 2030-01-02 03:04:05.678901+00:00\n  day: 2030-01-02\n  blob: !!binary |\n    /wA=\n  long: 12345678901234567890\n';
    expect(read(text)).toEqual([
      [1, 'two', [3.5, null, true, 1e16, Number.POSITIVE_INFINITY]],
      { k: { n: true }, again: { n: true } },
      {
        when: new Date(Date.UTC(2030, 0, 2, 3, 4, 5, 678)),
        day: new Date(Date.UTC(2030, 0, 2)),
        blob: Buffer.from([0xff, 0]),
        long: 12345678901234567890n,
      },
    ]);
  });

  const bomb =
    'a: &a [1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c]\n';
  it.each([
    ['a Python object', '!!python/object/apply:os.system ["true"]', 'LOVAGE_BODY_UNDECODABLE'],
    ['a Python tuple', '!!python/tuple [1, 2]', 'LOVAGE_BODY_UNDECODABLE'],
    ['an unknown tag', '!foo bar', 'LOVAGE_BODY_UNDECODABLE'],
    ['a JavaScript function', '!!js/function "() => 1"', 'LOVAGE_BODY_UNDECODABLE'],
    ['a set', '!!set {a, b}', 'LOVAGE_BODY_UNDECODABLE'],
    ['an ordered map', '!!omap [a: 1]', 'LOVAGE_BODY_UNDECODABLE'],
    ['a key that is a list', '{[1]: a}', 'LOVAGE_BODY_UNDECODABLE'],
    ['two documents', '--- 1\n--- 2\n', 'LOVAGE_BODY_UNDECODABLE'],
    ['an alias of nothing', '[*x]', 'LOVAGE_BODY_UNDECODABLE'],
    ['a bomb of aliases', bomb, 'LOVAGE_BODY_UNDECODABLE'],
    ['text that is no YAML', 'a: b: c', 'LOVAGE_BODY_UNDECODABLE'],
    ['a circle', '&a [*a]', 'LOVAGE_MESSAGE_TOO_DEEP'],
    ['deep brackets', `${'['.repeat(65)}${']'.repeat(65)}`, 'LOVAGE_MESSAGE_TOO_DEEP'],
    ['a million brackets', '['.repeat(1_000_000), 'LOVAGE_MESSAGE_TOO_DEEP'],
    ['deep lists', `${'- '.repeat(65)}1`, 'LOVAGE_MESSAGE_TOO_DEEP'],
    [
      'deep aliases',
      `[&a ${'['.repeat(40)}${']'.repeat(40)}, ${'['.repeat(40)}*a${']'.repeat(40)}]`,
      'LOVAGE_MESSAGE_TOO_DEEP',
    ],
    ['a hostile key', '[{__proto__: {admin: true}}]', 'LOVAGE_HOSTILE_KEY'],
    [
      'a hostile key that is merged in',
      'a: &a {__proto__: {admin: true}}\nb: {<<: *a}',
      'LOVAGE_HOSTILE_KEY',
    ],
    ['a hostile constructor', 'constructor: {prototype: {admin: true}}', 'LOVAGE_HOSTILE_KEY'],
  ])('refuses %s', (_title, text, code) => {
    expect(codeOf(() => read(text))).toBe(code);
  });

  it('takes exactly the depth of the limit', () => {
    expect(codeOf(() => read(`${'['.repeat(64)}${']'.repeat(64)}`))).toBe('no error');
    expect(codeOf(() => read(`${'- '.repeat(64)}1`))).toBe('no error');
  });

  it('bounds the text also where it was compressed, on both sides', () => {
    const large = 'x'.repeat(limits.maxBytes);
    expect(limits.maxDecompressedBytes).toBeGreaterThan(2 * limits.maxBytes);
    expect(codeOf(() => read(`"${large}"`))).toBe('LOVAGE_MESSAGE_TOO_LARGE');
    const context = { ...writing, maxBytes: limits.maxDecompressedBytes };
    expect(codeOf(() => yamlSerializer.serialize(large, context))).toBe('LOVAGE_MESSAGE_TOO_LARGE');
  });

  it('refuses text that has no UTF-8', () => {
    expect(codeOf(() => write(['\uD800']))).toBe('LOVAGE_VALUE_UNSERIALIZABLE');
    expect(codeOf(() => write({ '\uD800': 1 }))).toBe('LOVAGE_VALUE_UNSERIALIZABLE');
  });

  it('shows nothing of the text in its errors', () => {
    for (const text of ['secret: [', '!secret x', 'secret: a: b', '*secret']) {
      expect(codedError(() => read(text)).message).not.toContain('secret');
    }
  });
});
