import { OutputTail } from '../../src/process/output-tail.js';

describe('OutputTail', () => {
  it('keeps the last lines within its bound and says how many it dropped', () => {
    const tail = new OutputTail(10);
    for (const line of ['aaaa', 'bbbb', 'cccc']) tail.add(line);
    expect(tail.lines).toStrictEqual(['bbbb', 'cccc']);
    expect(tail.text).toBe('… 1 earlier lines\nbbbb\ncccc');
  });

  it('shortens one line that is longer than its bound', () => {
    const tail = new OutputTail(10);
    tail.add('x'.repeat(1000));
    expect(tail.text).toBe(`${'x'.repeat(10)}…`);
  });

  it('has an empty text when nothing was written', () => {
    expect(new OutputTail(10).text).toBe('');
  });
});
