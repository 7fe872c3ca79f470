import { contentTypes } from '../../src/message/content-types.js';
import { serializerFor } from '../../src/message/serializers.js';
import { codedError, codeOf } from './support/coded-error.js';

describe('contentTypes', () => {
  it('takes serializer names and content types', () => {
    expect([...contentTypes(['json', 'application/x-yaml', 'msgpack', 'application/json'])]).toEqual([
      'application/json',
      'application/x-yaml',
      'application/x-msgpack',
    ]);
    expect(contentTypes([]).size).toBe(0);
  });

  it.each(['pickle', 'application/x-python-serialize'])('refuses %s, and says why', (name) => {
    const error = codedError(() => contentTypes(['json', name]));
    expect(error.code).toBe('LOVAGE_CONTENT_REFUSED');
    expect(error.message).toContain('Python pickle runs code when it is read');
  });

  it.each(['JSON', 'text/plain', '', 'toString', 'application/json; charset=utf-8'])(
    'refuses "%s"',
    (name) => {
      const error = codedError(() => contentTypes([name]));
      expect(error.code).toBe('LOVAGE_SERIALIZER_UNKNOWN');
      expect(error.message).toContain('Known: json, msgpack, yaml.');
    },
  );
});

describe('serializerFor', () => {
  it('knows the content type and encoding of each', () => {
    expect(
      (['json', 'msgpack', 'yaml'] as const).map((name) => {
        const { contentType, contentEncoding } = serializerFor(name);
        return [contentType, contentEncoding];
      }),
    ).toEqual([
      ['application/json', 'utf-8'],
      ['application/x-msgpack', 'binary'],
      ['application/x-yaml', 'utf-8'],
    ]);
    expect(codeOf(() => serializerFor('constructor' as 'json'))).toBe('LOVAGE_SERIALIZER_UNKNOWN');
  });
});
