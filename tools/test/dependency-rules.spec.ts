import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { TemporaryTree } from './temporary-tree.js';

interface Report {
  readonly summary: {
    readonly violations: readonly {
      readonly from: string;
      readonly to: string;
      readonly rule: { readonly name: string };
    }[];
  };
}

const root = join(import.meta.dirname, '../..');
const core = 'packages/core/src';
const leaf = 'export const leaf = 1;\n';

/** What a file of the tree imports; the last word of each line is the rule that must find it, or `allowed`. */
const imports = [
  [`${core}/errors/a.ts`, '../clock/leaf.js', 'core-room-errors'],
  [`${core}/message/a.ts`, '../ports/leaf.js', 'core-room-message'],
  [`${core}/message/b.ts`, '../errors/leaf.js', 'allowed'],
  [`${core}/routing/a.ts`, '../client/leaf.js', 'core-room-routing'],
  [`${core}/routing/b.ts`, '../ports/leaf.js', 'core-pure-rooms-know-ports-as-types'],
  [`${core}/worker/a.ts`, '../client/leaf.js', 'core-room-worker'],
  [`${core}/worker/b.ts`, '../memory/leaf.js', 'core-room-worker'],
  [`${core}/worker/c.ts`, '../ports/leaf.js', 'allowed'],
  [`${core}/client/a.ts`, '../worker/leaf.js', 'core-room-client'],
  [`${core}/memory/a.ts`, '../worker/leaf.js', 'core-room-memory'],
  [`${core}/memory/b.ts`, '../ports/leaf.js', 'allowed'],
  [`${core}/app/a.ts`, '../memory/leaf.js', 'allowed'],
  [`${core}/client/b.ts`, '../attic/leaf.js', 'core-room-is-listed'],
  [`${core}/client/c.ts`, '../index.js', 'core-barrel-is-for-others'],
  [`${core}/client/d.ts`, 'rxjs', 'core-has-no-framework'],
  [`${core}/client/e.ts`, 'unlisted-package', 'not-to-unlisted'],
  [`${core}/client/f.ts`, 'dev-package', 'not-to-dev-dep'],
  [`${core}/client/g.ts`, 'listed-package', 'allowed'],
  [`${core}/client/h.ts`, './nowhere.js', 'not-to-unresolvable'],
  [`${core}/client/i.ts`, '@lovage/conformance', 'workspace-packages-core'],
  ['packages/core/test/a.ts', '@lovage/conformance', 'allowed'],
  ['packages/nestjs/src/a.ts', '@lovage/core', 'allowed'],
  ['packages/nestjs/src/b.ts', '../../core/src/index.js', 'no-deep-reach'],
  ['packages/nestjs/src/c.ts', '@lovage/core/src/errors/leaf.js', 'not-to-unresolvable'],
  ['packages/nestjs/src/d.ts', '@lovage/conformance', 'workspace-packages-nestjs'],
  ['packages/nestjs/src/e.ts', 'class-validator', 'optional-peers-of-nestjs-are-loaded-on-use'],
  ['libs/services/src/a.ts', '@lovage/core', 'workspace-libs-services'],
  ['libs/conformance/src/a.ts', '@lovage/core', 'allowed'],
  ['packages/attic/src/a.ts', '@lovage/core', 'workspace-is-listed'],
  ['libs/conformance/test/a.ts', '../../../apps/sample/src/leaf.js', 'nobody-imports-apps'],
  ['apps/sample/src/a.ts', '@lovage/nestjs', 'allowed'],
] as const;

const manifest = (name: string, more: object = {}): string =>
  JSON.stringify({ name, type: 'module', exports: { '.': './src/index.ts' }, ...more });

describe('the dependency rules', () => {
  let tree: TemporaryTree;
  let violations: Report['summary']['violations'];

  beforeAll(async () => {
    tree = new TemporaryTree({
      'tsconfig.base.json': readFileSync(join(root, 'tsconfig.base.json'), 'utf8'),
      'package.json': manifest('monorepo'),
      'packages/core/package.json': manifest('@lovage/core', {
        dependencies: { 'listed-package': '1', rxjs: '1' },
        devDependencies: { 'dev-package': '1' },
      }),
      'packages/core/src/index.ts': leaf,
      'packages/nestjs/package.json': manifest('@lovage/nestjs', {
        peerDependencies: { 'class-validator': '1' },
        peerDependenciesMeta: { 'class-validator': { optional: true } },
      }),
      'packages/nestjs/src/index.ts': leaf,
      'libs/conformance/package.json': manifest('@lovage/conformance'),
      'libs/conformance/src/index.ts': leaf,
      'apps/sample/src/leaf.ts': leaf,
      'bench/src/leaf.ts': leaf,
      [`${core}/canvas/a.ts`]:
        "import type { leaf } from '../ports/leaf.js';\nexport type A = typeof leaf;\n",
      'packages/nestjs/src/f.ts':
        "import type { leaf } from 'class-validator';\nexport type A = typeof leaf;\n",
      'packages/nestjs/src/g.ts': "export const later = import('class-validator');\n",
      [`${core}/retry/circle.ts`]: "import type { B } from './circular.js';\nexport type A = B;\n",
      [`${core}/retry/circular.ts`]: "import type { A } from './circle.js';\nexport type B = A;\n",
    });
    for (const room of ['errors', 'clock', 'message', 'ports', 'client', 'worker', 'memory', 'attic']) {
      tree.write(`${core}/${room}/leaf.ts`, leaf);
    }
    for (const name of ['rxjs', 'unlisted-package', 'dev-package', 'listed-package', 'class-validator']) {
      tree.write(
        `node_modules/${name}/package.json`,
        JSON.stringify({ name, type: 'module', main: 'index.js' }),
      );
      tree.write(`node_modules/${name}/index.js`, leaf);
    }
    for (const [workspace, name] of [
      ['packages/core', 'core'],
      ['packages/nestjs', 'nestjs'],
      ['libs/conformance', 'conformance'],
    ] as const) {
      tree.link(workspace, `node_modules/@lovage/${name}`);
    }
    for (const [file, target] of imports) tree.write(file, `import '${target}';\n`);
    violations = await cruise(tree.path);
  });

  afterAll(() => {
    tree.remove();
  });

  const rulesFor = (file: string): string[] =>
    violations.filter(({ from }) => from === file).map(({ rule: { name } }) => name);

  it.each(imports.filter(([, , rule]) => rule !== 'allowed'))(
    'refuse in %s the import of %s: %s',
    (file, _target, rule) => {
      expect(rulesFor(file)).toContain(rule);
    },
  );

  it.each(imports.filter(([, , rule]) => rule === 'allowed'))('allow in %s the import of %s', (file) => {
    expect(rulesFor(file)).toEqual([]);
  });

  it('let the pure rooms of core use the types of the ports', () => {
    expect(rulesFor(`${core}/canvas/a.ts`)).toEqual([]);
  });

  it.each(['f', 'g'])('let optional peers be loaded on use (%s.ts)', (file) => {
    expect(rulesFor(`packages/nestjs/src/${file}.ts`)).toEqual([]);
  });

  it('find circles that consist of types only', () => {
    expect(violations).toContainEqual(
      expect.objectContaining({
        from: `${core}/retry/circle.ts`,
        rule: expect.objectContaining({ name: 'no-circular' }),
      }),
    );
  });
});

async function cruise(folder: string): Promise<Report['summary']['violations']> {
  const depcruise = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const config = join(root, '.dependency-cruiser.cjs');
  const args = [depcruise, '--config', config, '--output-type', 'json', 'packages', 'libs', 'apps', 'bench'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder, maxBuffer: 1 << 26 });
  return (JSON.parse(stdout) as Report).summary.violations;
}
