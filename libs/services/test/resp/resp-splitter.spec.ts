import { encodeRequest, requestOf, RespError, RespSplitter, type RespValue } from '@lovage/services';

/** Each with what it means. */
const samples: readonly (readonly [string, RespValue])[] = [
  ['+OK\r\n', 'OK'],
  ['-NOSCRIPT No matching script\r\n', new RespError('NOSCRIPT No matching script')],
  [':-42\r\n', -42],
  [':9007199254740993\r\n', 9007199254740993n],
  ['$5\r\na\r\nbc\r\n', Buffer.from('a\r\nbc')],
  ['$0\r\n\r\n', Buffer.alloc(0)],
  ['$-1\r\n', null],
  ['*-1\r\n', null],
  ['*0\r\n', []],
  ['*3\r\n:1\r\n*2\r\n$1\r\nx\r\n*0\r\n+y\r\n', [1, [Buffer.from('x'), []], 'y']],
  ['_\r\n', null],
  ['#t\r\n', true],
  [',1.5\r\n', 1.5],
  [',-inf\r\n', -Infinity],
  ['(123456789012345678901234567890\r\n', 123456789012345678901234567890n],
  ['!5\r\nERR x\r\n', new RespError('ERR x')],
  ['=8\r\ntxt:text\r\n', Buffer.from('text')],
  ['%2\r\n+a\r\n:1\r\n+b\r\n*1\r\n:2\r\n', ['a', 1, 'b', [2]]],
  ['~2\r\n:1\r\n:2\r\n', [1, 2]],
  ['>2\r\n+message\r\n+text\r\n', ['message', 'text']],
  ['|1\r\n+ttl\r\n:9\r\n*1\r\n|0\r\n+z\r\n', ['z']],
];
const stream = Buffer.from(samples.map(([text]) => text).join(''));

function split(chunks: readonly Buffer[]): readonly (readonly [string, RespValue])[] {
  const splitter = new RespSplitter();
  return chunks.flatMap((chunk) =>
    splitter.push(chunk).map(({ bytes, value }) => [bytes.toString(), value] as const),
  );
}

describe('RespSplitter', () => {
  it('knows where each kind of value ends, and what it means', () => {
    expect(split([stream])).toStrictEqual(samples);
  });

  it.each([1, 2, 3, 7, 16])('does so too when the bytes come %i at a time', (size) => {
    const chunks = Array.from({ length: Math.ceil(stream.length / size) }, (_, index) =>
      stream.subarray(index * size, (index + 1) * size),
    );
    expect(split(chunks)).toStrictEqual(samples);
  });

  it('gives a frame with its last byte and not before', () => {
    for (const [text, value] of samples) {
      const splitter = new RespSplitter();
      const bytes = Buffer.from(text);
      expect(splitter.push(bytes.subarray(0, -1))).toStrictEqual([]);
      expect(splitter.pending.toString()).toBe(text.slice(0, -1));
      expect(splitter.push(bytes.subarray(-1))).toStrictEqual([{ type: text[0], bytes, value }]);
      expect(splitter.pending).toHaveLength(0);
    }
  });

  it('takes many chunks of a large value without looking at each again', () => {
    const large = Buffer.alloc(8 * 1024 * 1024, 'x');
    const request = encodeRequest(['SET', 'key', large]);
    const chunks = Array.from({ length: Math.ceil(request.length / 64) }, (_, index) =>
      request.subarray(index * 64, (index + 1) * 64),
    );
    // 130,000 chunks: this does not end in the time of a test if each costs as much as all before it.
    expect(split(chunks)).toHaveLength(1);
  });

  it.each(['?1\r\n', '$x\r\n', '*-2\r\n', '*1\r\nPING\r\n', '$99999999999\r\n'])('refuses %j', (text) => {
    expect(() => new RespSplitter().push(Buffer.from(text))).toThrow('not RESP');
  });
});

describe('requests', () => {
  it('are read as they were written', () => {
    const bytes = encodeRequest(['evalsha', 'ff', 1, Buffer.from('grün')]);
    expect(bytes.toString()).toBe('*4\r\n$7\r\nevalsha\r\n$2\r\nff\r\n$1\r\n1\r\n$5\r\ngrün\r\n');
    const requests = new RespSplitter().push(bytes).map(requestOf);
    expect(requests).toStrictEqual([{ command: 'EVALSHA', args: ['ff', '1', 'grün'], bytes }]);
  });

  it('may be in the form that people type', () => {
    const bytes = Buffer.from('set key value\r\n');
    expect(new RespSplitter().push(bytes).map(requestOf)).toStrictEqual([
      { command: 'SET', args: ['key', 'value'], bytes },
    ]);
  });
});
