import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import type { ChildPrograms } from '../../src/worker/pools/create-pool.js';

const pathOf = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

/** What children of pools run, JavaScript made from the sources of now, and an application for them. */
export class PoolPrograms {
  private constructor(readonly folder: string) {}

  static async build(entries: Readonly<Record<string, string>> = {}): Promise<PoolPrograms> {
    const folder = await mkdtemp(join(tmpdir(), 'lovage-pool-'));
    await build({
      entryPoints: {
        'thread-main': pathOf('../../src/worker/pools/launch/thread-main.ts'),
        'process-main': pathOf('../../src/worker/pools/launch/process-main.ts'),
        'pool-app': pathOf('./pool-app.ts'),
        ...entries,
      },
      bundle: true,
      // One copy of the library for all of them, as where it is installed.
      splitting: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      conditions: ['@lovage/source'],
      outdir: folder,
      external: ['lzma-native', '@cloudpss/zstd'],
      banner: {
        js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);",
      },
    });
    await writeFile(join(folder, 'package.json'), '{"type":"module"}');
    return new PoolPrograms(folder);
  }

  get children(): ChildPrograms {
    return { thread: this.urlOf('thread-main'), process: this.urlOf('process-main') };
  }

  urlOf(name: string): URL {
    return pathToFileURL(join(this.folder, `${name}.js`));
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}
