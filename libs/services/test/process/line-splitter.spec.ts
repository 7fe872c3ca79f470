import fc from 'fast-check';
import { LineSplitter } from '../../src/process/line-splitter.js';

describe('LineSplitter', () => {
  it('gives the same lines wherever the stream is cut, also within a character', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme' }).map((line) => line.replaceAll('\n', '¶'))),
        fc.array(fc.nat({ max: 7 })),
        (lines, cuts) => {
          const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
          const splitter = new LineSplitter();
          const got: string[] = [];
          let at = 0;
          for (const cut of cuts) {
            got.push(...splitter.push(bytes.subarray(at, at + cut)));
            at += cut;
          }
          got.push(...splitter.push(bytes.subarray(at)), ...splitter.end());
          expect(got).toStrictEqual(lines);
        },
      ),
    );
  });

  it('gives a last line without a newline at the end', () => {
    const splitter = new LineSplitter();
    expect(splitter.push(Buffer.from('one\ntwo'))).toStrictEqual(['one']);
    expect(splitter.end()).toStrictEqual(['two']);
    expect(splitter.end()).toStrictEqual([]);
  });
});
