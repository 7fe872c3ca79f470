import { describeWith, type ProgramReport, type SuiteRegistry } from '@lovage/services';

const available: ProgramReport = {
  name: 'celery',
  title: 'Python Celery',
  status: 'available',
  executable: '/usr/bin/python3',
  install: 'apt-get install --yes python3-celery',
};
const missing: ProgramReport = { ...available, status: 'missing', reason: 'only looked' };
const hint = 'Python Celery is missing, install it with: apt-get install --yes python3-celery';

/** Registers like Jest, and keeps what was registered as text. */
function recorder(): { registry: SuiteRegistry; seen: string[]; tests: Map<string, () => void> } {
  const seen: string[] = [];
  const tests = new Map<string, () => void>();
  const block = (prefix: string) => (name: string, body: () => void) => {
    seen.push(`${prefix}${name}`);
    body();
  };
  const registry: SuiteRegistry = {
    describe: Object.assign(block(''), { skip: block('skipped ') }),
    it: (name, body) => {
      seen.push(`- ${name}`);
      tests.set(name, body);
    },
  };
  return { registry, seen, tests };
}

describe('describeWith', () => {
  it('registers the suite when the program is there', () => {
    const { registry, seen } = recorder();
    const body = (): void => registry.it('is decoded', () => undefined);
    describeWith('celery', 'a message', body, { registry, reports: [available], required: true });
    expect(seen).toStrictEqual(['a message', '- is decoded']);
  });

  it('registers each test by name as skipped, with the command that installs what is missing', () => {
    const { registry, seen } = recorder();
    const body = (): void => registry.it('is decoded', () => undefined);
    describeWith('celery', 'a message', body, { registry, reports: [missing], required: false });
    expect(seen).toStrictEqual([`skipped a message [skipped: ${hint}]`, '- is decoded']);
  });

  it('adds a failing test where nothing may be skipped', () => {
    const { registry, seen, tests } = recorder();
    const body = (): void => registry.it('is decoded', () => undefined);
    describeWith('celery', 'a message', body, { registry, reports: [missing], required: true });
    expect(seen).toContain('- has the programs that it needs');
    expect(tests.get('has the programs that it needs')).toThrow(`in CI nothing may be skipped: ${hint}`);
  });

  it('names all programs that are missing, and only those', () => {
    const { registry, seen } = recorder();
    const chromium: ProgramReport = {
      ...missing,
      title: 'Chromium',
      install: 'apt-get install --yes chromium',
    };
    describeWith(['celery', 'chromium'], 'a page', () => undefined, {
      registry,
      reports: [available, chromium],
      required: false,
    });
    expect(seen).toStrictEqual([
      'skipped a page [skipped: Chromium is missing, install it with: apt-get install --yes chromium]',
    ]);
  });
});
