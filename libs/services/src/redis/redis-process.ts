import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ChildProgram } from '../process/child-program.js';
import { freePort } from '../process/free-port.js';
import { portIsFree } from '../process/port-is-free.js';
import { ProcessGuardian } from '../process/process-guardian.js';
import { ServiceError } from '../process/service-error.js';
import { deadlineIn, type StopDeadline } from '../process/stop-deadline.js';
import { waitFor } from '../process/wait-for.js';
import type { RespConnection } from '../resp/resp-connection.js';

export interface RedisProcessOptions {
  /** Name for errors. */
  readonly name: string;
  /** Default `/usr/bin/redis-server`. */
  readonly executable?: string;
  /** Default: the folder for temporary files of this machine. */
  readonly parentFolder?: string;
  /** Further arguments, such as `--sentinel`. */
  readonly args?: readonly string[];
  /**
   * The configuration for a folder and a port; asked for again when the port was taken. A value with line breaks repeats
   * the directive, once for each line.
   */
  readonly directives: (place: {
    readonly folder: string;
    readonly port: number;
  }) => Promise<Readonly<Record<string, string>>>;
  /** Opens a connection to it. */
  readonly connect: () => Promise<RespConnection>;
}

/** How long to wait for Redis to answer. Spent only by a test that fails anyway. */
const readyWithinMs = 60_000;
/** Another process may take the port between our look and Redis's. */
const portAttempts = 20;

/**
 * A process of redis-server in any of its roles, with a folder that outlives it.
 *
 * IDLE      no process. `start` moves to STARTING.
 * STARTING  a process, not yet answering; RUNNING when it answers PING, IDLE with an error when it ends before.
 * RUNNING   until it ends by itself, by `stop` or by `kill`; then IDLE.
 * CLOSED    terminal, by `close` from any state: no process, no folder.
 *
 * The port is chosen by the first start that succeeds, and kept.
 */
export class RedisProcess {
  private program: ChildProgram | undefined;
  private starting: Promise<void> | undefined;
  private closing: Promise<void> | undefined;
  private guardian: ProcessGuardian | undefined;
  private madeFolder: string | undefined;
  private chosenPort: number | undefined;
  /** Raised by each stop, so that a start which meets "port in use" meanwhile does not go on. */
  private stops = 0;

  constructor(private readonly options: RedisProcessOptions) {}

  get port(): number {
    if (this.chosenPort === undefined) throw this.notStarted();
    return this.chosenPort;
  }

  get folder(): string {
    if (this.madeFolder === undefined) throw this.notStarted();
    return this.madeFolder;
  }

  get pid(): number {
    if (this.program === undefined) throw this.notStarted();
    return this.program.pid;
  }

  get running(): boolean {
    return this.program?.running ?? false;
  }

  get log(): string {
    return this.program?.output('stdout') ?? '';
  }

  async start(): Promise<void> {
    if (this.closing !== undefined) throw this.stopped();
    this.starting ??= this.startOnce().finally(() => {
      this.starting = undefined;
    });
    await this.starting;
  }

  async stop(deadline: StopDeadline = deadlineIn(10_000)): Promise<void> {
    this.stops += 1;
    await this.program?.stop(deadline);
    // Whoever started it is told of the failure.
    await this.starting?.catch(() => undefined);
  }

  async kill(): Promise<void> {
    await this.stop(deadlineIn(0));
  }

  signal(signal: NodeJS.Signals): void {
    this.program?.signal(signal);
  }

  async close(): Promise<void> {
    this.closing ??= this.closeOnce();
    await this.closing;
  }

  private async closeOnce(): Promise<void> {
    // Nothing of it is wanted any more, so it need not write anything down in peace.
    await this.kill();
    if (this.madeFolder !== undefined)
      await rm(this.madeFolder, { recursive: true, force: true, maxRetries: 10 });
    this.guardian?.release();
  }

  private async startOnce(): Promise<void> {
    if (this.running) return;
    const { stops } = this;
    const folder = await this.ensureFolder();
    for (let attempt = 1; ; attempt += 1) {
      const port = this.chosenPort ?? (await freePort());
      const config = join(folder, 'redis.conf');
      // Later Redis itself writes into it: a replica that was made a primary must still be one after a restart.
      if (this.chosenPort === undefined) await writeFile(config, await this.configuration(folder, port));
      if (this.stops !== stops) throw this.stopped();
      try {
        await this.launch(config, port);
        return;
      } catch (error) {
        if (this.stops !== stops) throw this.stopped(error);
        if (attempt === portAttempts || !portIsTaken(error)) throw error;
      }
      await this.waitForPort(stops);
    }
  }

  /** Of a restart: the kernel may have lent the port to a connection meanwhile. */
  private async waitForPort(stops: number): Promise<void> {
    const port = this.chosenPort;
    if (port === undefined) return;
    await waitFor(async () => this.stops !== stops || (await portIsFree(port)), {
      withinMs: readyWithinMs,
      what: `port ${port} of ${this.options.name} to be free again`,
    });
  }

  private async launch(config: string, port: number): Promise<void> {
    const { executable = '/usr/bin/redis-server', args = [] } = this.options;
    const program = new ChildProgram({
      name: this.options.name,
      command: executable,
      args: [config, ...args],
    });
    this.program = program;
    await program.start();
    try {
      // Redis is told of a port in use before this; so what answers there then is this process and no other.
      await program.waitForLine(/Ready to accept connections|Sentinel ID is/, { withinMs: readyWithinMs });
      this.chosenPort = port;
      await waitFor(() => this.answersPing(), {
        withinMs: readyWithinMs,
        what: `${this.options.name} answers PING`,
      });
    } catch (error) {
      await program.kill();
      throw error;
    }
  }

  private async answersPing(): Promise<boolean> {
    const connection = await this.options.connect();
    try {
      return (await connection.command('PING')) === 'PONG';
    } finally {
      connection.close();
    }
  }

  private async ensureFolder(): Promise<string> {
    if (this.madeFolder === undefined) {
      const { parentFolder = tmpdir() } = this.options;
      this.madeFolder = await mkdtemp(join(parentFolder, 'lovage-redis-'));
      this.guardian = ProcessGuardian.start();
      this.guardian.watchFolder(this.madeFolder);
    }
    return this.madeFolder;
  }

  private async configuration(folder: string, port: number): Promise<string> {
    const directives: Readonly<Record<string, string>> = {
      bind: '127.0.0.1',
      daemonize: 'no',
      logfile: '""',
      dir: folder,
      ...(await this.options.directives({ folder, port })),
    };
    const lines = Object.entries(directives).flatMap(([name, value]) =>
      value.split('\n').map((each) => `${name} ${each}\n`),
    );
    return lines.join('');
  }

  private notStarted(): ServiceError {
    return new ServiceError('PROGRAM_NOT_STARTED', `${this.options.name} has not been started`);
  }

  private stopped(cause?: unknown): ServiceError {
    const message = `${this.options.name} was stopped`;
    return new ServiceError('PROGRAM_STOPPED', message, cause === undefined ? {} : { cause });
  }
}

function portIsTaken(error: unknown): boolean {
  return error instanceof ServiceError && error.message.includes('Address already in use');
}
