import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ChildProgram } from '@lovage/services';
import { build } from 'esbuild';

const withinMs = 60_000;
const pathOf = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

/** The driver as it is shipped, JavaScript with its lease thread, made from the sources of now: for processes that tests kill. */
export class ChildWorkers {
  private readonly workers: ChildWorker[] = [];
  private folder: Promise<string> | undefined;

  /** @param entry the program: `child-entry` drives a consumer, `flow-child-entry` runs tasks with flow control */
  constructor(private readonly entry: 'child-entry' | 'flow-child-entry' = 'child-entry') {}

  /** Starts a process that takes from the queue `q`; resolves when it does. @param name written into its results */
  async start(url: string, name = 'child'): Promise<ChildWorker> {
    this.folder ??= bundle();
    const worker = new ChildWorker(join(await this.folder, `${this.entry}.js`), url, name);
    this.workers.push(worker);
    await worker.program.start();
    await worker.said(/^ready$/);
    return worker;
  }

  /** Kills all that run. */
  async clear(): Promise<void> {
    await Promise.all(this.workers.splice(0).map(async ({ program }) => await program.kill()));
  }

  async close(): Promise<void> {
    await this.clear();
    if (this.folder !== undefined) await rm(await this.folder, { recursive: true, force: true });
  }
}

export class ChildWorker {
  readonly program: ChildProgram;

  constructor(entry: string, url: string, name: string) {
    this.program = new ChildProgram({
      name: `child worker ${name}`,
      command: process.execPath,
      args: [entry, url, name],
      env: { NODE_OPTIONS: undefined },
    });
  }

  /** All that it has said so far. */
  get lines(): readonly string[] {
    return this.program.output('stdout').split('\n');
  }

  tell(command: string): void {
    this.program.write(`${command}\n`);
  }

  async said(pattern: RegExp): Promise<RegExpExecArray> {
    return await this.program.waitForLine(pattern, { withinMs });
  }
}

async function bundle(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'lovage-child-'));
  await build({
    entryPoints: {
      'child-entry': pathOf('./child-entry.ts'),
      'flow-child-entry': pathOf('./flow-child-entry.ts'),
      // Where the driver looks for it.
      'lease-thread': pathOf('../../src/lease/lease-thread.ts'),
    },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    conditions: ['@lovage/source'],
    outdir: folder,
    // ioredis is CommonJS.
    banner: {
      js: "import { createRequire as requireMaker } from 'node:module'; const require = requireMaker(import.meta.url);",
    },
  });
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  return folder;
}
