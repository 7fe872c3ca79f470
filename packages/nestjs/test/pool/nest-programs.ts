import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transform } from '@swc/core';
import { build, type Plugin } from 'esbuild';

const pathOf = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

/** esbuild does not write the metadata of decorators, from which Nest knows what to inject. */
const decorators: Plugin = {
  name: 'decorators',
  setup: ({ onLoad }) => {
    onLoad({ filter: /packages\/nestjs\/.*\.ts$/ }, async ({ path }) => {
      const { code } = await transform(await readFile(path, 'utf8'), {
        filename: path,
        configFile: false,
        swcrc: false,
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true },
          transform: {
            legacyDecorator: true,
            decoratorMetadata: true,
            useDefineForClassFields: false,
            verbatimModuleSyntax: true,
          },
          keepClassNames: true,
        },
        module: { type: 'es6' },
      });
      return { contents: code, loader: 'js' };
    });
  },
};

/** The fixture and what its children run, made from the sources of now; in a folder from which Nest can be found. */
export async function buildNestPrograms(): Promise<{ readonly main: string; remove: () => Promise<void> }> {
  const cache = pathOf('../../../../node_modules/.cache');
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'lovage-nest-pool-'));
  await build({
    entryPoints: {
      'pool-main': pathOf('./pool-main.ts'),
      'pool-fixture': pathOf('./pool-fixture.ts'),
      'nest-child': pathOf('../../src/pool/nest-child.ts'),
      'thread-main': pathOf('../../../core/src/worker/pools/launch/thread-main.ts'),
      'process-main': pathOf('../../../core/src/worker/pools/launch/process-main.ts'),
    },
    bundle: true,
    // One copy of the library for all of them, as where it is installed.
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    conditions: ['@lovage/source'],
    outdir: folder,
    plugins: [decorators],
    external: ['@nestjs/*', 'rxjs', 'reflect-metadata', 'class-*', 'lzma-native', '@cloudpss/zstd'],
    banner: {
      js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);",
    },
  });
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  return {
    main: join(folder, 'pool-main.js'),
    remove: async () => await rm(folder, { recursive: true, force: true }),
  };
}
