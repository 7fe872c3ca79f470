import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { EvidenceFile } from '../../src/evidence/evidence-file.js';
import {
  type EvidenceKind,
  formatLine,
  lineBytes,
  parseLine,
  parseStartNote,
  startNote,
} from '../../src/evidence/evidence-line.js';
import { EvidenceTail, readEvidence } from '../../src/evidence/evidence-tail.js';

const kinds: readonly EvidenceKind[] = ['SENT', 'CONFIRMED', 'FAILED', 'START', 'END', 'STALL', 'PROBLEM'];
const words = fc.stringMatching(/^[!-~]{1,30}$/);

describe('a line of evidence', () => {
  it('is read as it was written, and as long as all others', () => {
    fc.assert(
      fc.property(fc.constantFrom(...kinds), words, fc.nat(9e12), words, (kind, id, atMs, note) => {
        const text = formatLine({ kind, id, atMs, note });
        expect(Buffer.byteLength(text)).toBe(lineBytes);
        expect(parseLine(text.slice(0, -1))).toStrictEqual({ kind, id, atMs, note });
      }),
    );
  });

  it('stays one line of ASCII whatever stands in it', () => {
    fc.assert(
      fc.property(fc.string(), (note) => {
        const text = formatLine({ kind: 'PROBLEM', id: '-', atMs: 1, note });
        expect(Buffer.byteLength(text)).toBe(lineBytes);
        expect(text.indexOf('\n')).toBe(lineBytes - 1);
      }),
    );
  });

  it('is refused when it is torn', () => {
    const text = formatLine({ kind: 'END', id: 'a', atMs: 1, note: '' });
    expect(() => parseLine(text.slice(1))).toThrow('no line of evidence');
    expect(() => parseLine(text.replace('END', 'AND'))).toThrow('no line of evidence');
  });

  it('names the run', () => {
    const note = { attempt: 2, delivery: 3, token: 'worker-00001:17' };
    expect(parseStartNote(startNote(note))).toStrictEqual(note);
  });
});

describe('the evidence of a folder', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lovage-test-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('names the process of each line, and leaves other files alone', () => {
    const [one, other] = [new EvidenceFile(folder, 'w1'), new EvidenceFile(folder, 'w2')];
    writeFileSync(join(folder, 'faults.jsonl'), '{}\n');
    one.write('START', 'a', 'note');
    other.write('START', 'b');
    one.write('END', 'a');
    one.close();
    other.close();
    expect(readEvidence(folder)).toMatchObject([
      { process: 'w1', kind: 'START', id: 'a', note: 'note' },
      { process: 'w1', kind: 'END', id: 'a' },
      { process: 'w2', kind: 'START', id: 'b' },
    ]);
  });

  it('is read as it grows, whole lines only', () => {
    const tail = new EvidenceTail(folder);
    const path = join(folder, 'w1.evidence');
    const line = formatLine({ kind: 'SENT', id: 'a', atMs: 1, note: '' });
    expect(tail.next()).toStrictEqual([]);
    appendFileSync(path, line + line.slice(0, 10));
    expect(tail.next()).toHaveLength(1);
    expect(tail.next()).toStrictEqual([]);
    appendFileSync(path, line.slice(10));
    expect(tail.next()).toHaveLength(1);
  });
});
