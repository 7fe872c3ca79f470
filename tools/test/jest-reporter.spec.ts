import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { TemporaryTree } from './temporary-tree.js';

const jest = createRequire(import.meta.url).resolve('jest/bin/jest');
const reporter = join(process.cwd(), 'tools/jest-reporter.mjs');

describe('the reporter', () => {
  let tree: TemporaryTree;

  beforeEach(() => {
    tree = new TemporaryTree();
    tree.write('package.json', '{}');
    tree.write('jest.config.json', JSON.stringify({ reporters: [reporter] }));
  });

  afterEach(() => {
    tree.remove();
  });

  function run(environment: Readonly<Record<string, string>> = {}): {
    status: number | null;
    lines: string[];
  } {
    const { status, stdout } = spawnSync(process.execPath, [jest, '--runInBand'], {
      cwd: tree.path,
      encoding: 'utf8',
      env: { ...process.env, CI: 'false', NODE_OPTIONS: '', ...environment },
    });
    return { status, lines: stdout.trimEnd().split('\n') };
  }

  it('counts in its last line, and writes down the files in which something failed', () => {
    tree.write('good.spec.js', "it('is well', () => {});");
    tree.write('bad.spec.js', "it('is well', () => {}); it('is not', () => { throw new Error('no'); });");
    tree.write('broken.spec.js', "require('./absent.js');");
    const specs = join(tree.path, 'failed');
    const { status, lines } = run({ FAILED_SPECS: specs });
    expect(status).toBe(1);
    expect(lines.at(-1)).toBe('2 passed, 2 failed');
    expect(readFileSync(specs, 'utf8').trim().split('\n').toSorted()).toEqual([
      'bad.spec.js',
      'broken.spec.js',
    ]);
  });

  it('takes skipped tests as a failure in CI, and names them', () => {
    tree.write('some.spec.js', "it('is well', () => {}); it.skip('is left out', () => {});");
    expect(run().status).toBe(0);
    const { status, lines } = run({ CI: 'true' });
    expect(status).toBe(1);
    expect(lines).toContain('  some.spec.js › is left out (pending)');
    expect(lines.at(-1)).toBe('1 passed, 0 failed, 1 skipped');
  });
});
