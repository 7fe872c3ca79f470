import { readFileSync } from 'node:fs';
import { nestErrors } from '../../src/index.js';

const guide = readFileSync(new URL('../../../../docs/nestjs.md', import.meta.url), 'utf8');

describe('the errors of this package', () => {
  it('are in the guide, each once and with its summary', () => {
    const rows = guide.split('\n').filter((line) => line.startsWith('| `LOVAGE_'));
    const expected = nestErrors.map(({ code, summary }) => `| \`${code}\` | ${summary} |`);
    expect(rows.toSorted()).toEqual(expected.toSorted());
  });
});
