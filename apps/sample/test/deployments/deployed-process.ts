import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AppOptions, TaskCall } from '@lovage/core';
import { ChildProgram } from '@lovage/services';
import { build } from 'esbuild';

const withinMs = 60_000;
const pathOf = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

/** What a process of a deployment is told at its start; all of it is data. */
export interface DeployedSettings {
  readonly url: string;
  /** Name of the host that it believes to be on. */
  readonly host: string;
  /** Names of the tasks that it has; each says that it ran. */
  readonly tasks: readonly string[];
  readonly options: AppOptions;
}

/** The processes of a deployment. */
export class Deployment {
  private readonly processes: DeployedProcess[] = [];
  private folder: Promise<string> | undefined;

  /** Starts a process; resolves when it has started its app. */
  async start(settings: DeployedSettings): Promise<DeployedProcess> {
    this.folder ??= bundle();
    const process = new DeployedProcess(join(await this.folder, 'deployed-entry.js'), settings);
    this.processes.push(process);
    await process.program.start();
    await process.said(/^ready$/);
    return process;
  }

  /** Kills all that run. */
  async clear(): Promise<void> {
    await Promise.all(this.processes.splice(0).map(async ({ program }) => await program.kill()));
  }

  async close(): Promise<void> {
    await this.clear();
    if (this.folder !== undefined) await rm(await this.folder, { recursive: true, force: true });
  }
}

export class DeployedProcess {
  readonly program: ChildProgram;

  constructor(entry: string, settings: DeployedSettings) {
    this.program = new ChildProgram({
      name: `process on ${settings.host}`,
      command: process.execPath,
      args: [entry, JSON.stringify(settings)],
      env: { NODE_OPTIONS: undefined },
    });
  }

  /** What its tasks were called with, in order; where that is nothing, their ids. */
  get ran(): readonly string[] {
    return this.matches(/^ran \S+ (\S+) from /);
  }

  /** Queues that it had something from, each once. */
  get queues(): readonly string[] {
    return [...new Set(this.matches(/^ran \S+ \S+ from (.*)$/))];
  }

  /** What its worker could not do. */
  get complaints(): readonly string[] {
    return this.matches(/^(problem .*)$/);
  }

  async send(name: string, call: TaskCall): Promise<void> {
    this.tell({ command: 'send', name, call });
    await this.said(new RegExp(`^sent ${name} ${String(call.args?.[0])}$`));
  }

  /** Sends a task that nothing takes; gives the code of the error. */
  async refused(name: string, call: TaskCall): Promise<string | undefined> {
    this.tell({ command: 'send', name, call });
    return (await this.said(/^refused (\S+)$/))[1];
  }

  /** Ends it in order. */
  async leave(): Promise<void> {
    this.tell({ command: 'close' });
    await this.program.exited;
  }

  async said(pattern: RegExp): Promise<RegExpExecArray> {
    return await this.program.waitForLine(pattern, { withinMs });
  }

  private matches(pattern: RegExp): readonly string[] {
    return this.program
      .output('stdout')
      .split('\n')
      .flatMap((line) => pattern.exec(line)?.[1] ?? []);
  }

  private tell(command: object): void {
    this.program.write(`${JSON.stringify(command)}\n`);
  }
}

/** One file with everything in it, made from the sources of now. */
async function bundle(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'lovage-deployment-'));
  await build({
    entryPoints: {
      'deployed-entry': pathOf('./deployed-entry.ts'),
      // Where the Redis driver looks for it.
      'lease-thread': pathOf('../../../../packages/redis/src/lease/lease-thread.ts'),
    },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    conditions: ['@lovage/source'],
    outdir: folder,
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
    },
  });
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  return folder;
}
