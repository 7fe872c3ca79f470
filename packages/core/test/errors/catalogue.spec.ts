import { readFileSync } from 'node:fs';
import { errorCatalogue } from '../../src/errors/catalogue.js';
import { defineError } from '../../src/errors/define-error.js';
import { isLovageError } from '../../src/errors/lovage-error.js';

describe('the error catalogue', () => {
  it('has each code once', () => {
    const codes = errorCatalogue.map(({ code }) => code);
    expect(new Set(codes).size).toBe(codes.length);
  });

  it('stands word for word in docs/errors.md, and nothing else does', () => {
    const page = readFileSync(new URL('../../../../docs/errors.md', import.meta.url), 'utf8');
    const rows = [...page.matchAll(/^\| `(LOVAGE_\w+)` \| (.+) \|$/gm)].map(([, code, summary]) => ({
      code,
      summary,
    }));
    expect(rows).toEqual(errorCatalogue.toSorted((a, b) => a.code.localeCompare(b.code)));
  });
});

describe('a coded error', () => {
  const BROKEN = defineError<{ readonly part: string }>(
    'LOVAGE_TEST_BROKEN',
    'Test.',
    ({ part }) => `${part} is broken. Replace it.`,
  );

  it('says what happened, with the values, and keeps its cause', () => {
    const cause = new Error('wear');
    const error = BROKEN.create({ part: 'wheel' }, cause);
    expect(error).toMatchObject({
      code: 'LOVAGE_TEST_BROKEN',
      message: 'wheel is broken. Replace it.',
      details: { part: 'wheel' },
      cause,
    });
    expect(BROKEN.is(error)).toBe(true);
  });

  it('shows texts that come from outside on one line, and not all of a long one', () => {
    const part = `wheel\n[Nest] forged \u001B[2J${'x'.repeat(100_000)}`;
    const error = BROKEN.create({ part });
    expect(error.message).toMatch(/^wheel\\u000a\[Nest\] forged \\u001b\[2Jx+… is broken/);
    expect(error.message.length).toBeLessThan(3000);
    expect(error.details.part).toBe(part);
  });

  it('is recognised by its brand, also from another copy of the library', () => {
    const foreign = { [Symbol.for('lovage.error')]: true, code: 'LOVAGE_TEST_BROKEN' };
    expect(BROKEN.is(foreign)).toBe(true);
    expect(isLovageError(foreign, 'LOVAGE_OTHER')).toBe(false);
    expect(isLovageError(new Error('plain'))).toBe(false);
    expect(isLovageError(undefined)).toBe(false);
  });
});
