import { isInstalled } from '../install-missing.mjs';
import { TemporaryTree } from './temporary-tree.js';

interface Entry {
  readonly version?: string;
  readonly integrity?: string;
  readonly optional?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
}

const one = { version: '1.0.0', integrity: 'sha512-one' };

describe('isInstalled', () => {
  let tree: TemporaryTree;

  beforeEach(() => {
    tree = new TemporaryTree();
  });

  afterEach(() => {
    tree.remove();
  });

  function lock(packages: Readonly<Record<string, Entry>>): void {
    tree.write('package-lock.json', JSON.stringify({ packages: { '': { version: '0.0.0' }, ...packages } }));
  }

  function install(packages: Readonly<Record<string, Entry>>): void {
    tree.write('node_modules/.package-lock.json', JSON.stringify({ packages }));
    for (const path of Object.keys(packages)) tree.write(`${path}/package.json`, '{}');
  }

  it('is true when every package of the lock file is there in its version', () => {
    lock({ 'node_modules/one': one });
    install({ 'node_modules/one': one, 'node_modules/other': one });
    expect(isInstalled(tree.path)).toBe(true);
  });

  it('is false before the first install', () => {
    lock({ 'node_modules/one': one });
    expect(isInstalled(tree.path)).toBe(false);
  });

  it.each([
    ['another version', { ...one, version: '1.0.1' }],
    ['another content', { ...one, integrity: 'sha512-other' }],
  ])('is false when a package has %s', (_what, installed) => {
    lock({ 'node_modules/one': one });
    install({ 'node_modules/one': installed });
    expect(isInstalled(tree.path)).toBe(false);
  });

  it('is false when a package is missing', () => {
    lock({ 'node_modules/one': one, 'node_modules/two': one });
    install({ 'node_modules/one': one });
    expect(isInstalled(tree.path)).toBe(false);
  });

  it('is false when npm was killed while it wrote its notes', () => {
    lock({ 'node_modules/one': one });
    install({ 'node_modules/one': one });
    tree.write('node_modules/.package-lock.json', '{ "packages": { "node_mod');
    expect(isInstalled(tree.path)).toBe(false);
  });

  it('is false when the folder of a package is gone', () => {
    lock({ 'node_modules/one': one });
    tree.write('node_modules/.package-lock.json', JSON.stringify({ packages: { 'node_modules/one': one } }));
    expect(isInstalled(tree.path)).toBe(false);
  });

  it('does not ask for optional packages made for other systems', () => {
    lock({ 'node_modules/one': { ...one, optional: true, os: ['nowhere'], cpu: [process.arch] } });
    install({});
    expect(isInstalled(tree.path)).toBe(true);
  });

  it('asks for optional packages made for this system', () => {
    lock({ 'node_modules/one': { ...one, optional: true, os: [process.platform], cpu: [process.arch] } });
    install({});
    expect(isInstalled(tree.path)).toBe(false);
  });

  it('refuses to guess when the lock file itself is damaged', () => {
    tree.write('package-lock.json', '{');
    expect(() => isInstalled(tree.path)).toThrow('package-lock.json is missing or damaged');
  });
});
