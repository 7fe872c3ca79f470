import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ChildProgram } from './child-program.js';
import { portIsFree } from './port-is-free.js';
import { ProcessGuardian } from './process-guardian.js';
import { ServiceError } from './service-error.js';
import { deadlineIn, type StopDeadline } from './stop-deadline.js';
import { waitFor } from './wait-for.js';

export interface ServerProcessOptions {
  /** Name for errors. */
  readonly name: string;
  /** How the name of its folder begins. */
  readonly folderPrefix: string;
  /** Default: the folder for temporary files of this machine. */
  readonly parentFolder?: string | undefined;
  /** How long to wait until it serves. Spent only by a test that fails anyway. */
  readonly readyWithinMs: number;
  /** What it writes when it serves. */
  readonly readyLine: RegExp;
  /** What it says when another process has its port. */
  readonly portIsTaken: RegExp;
  /** How long a stop waits before it kills. */
  readonly stopWithinMs: number;
}

/** Where a server lives. */
export interface ServerPlace<Ports> {
  readonly folder: string;
  readonly ports: Ports;
}

/** Another process may take a port between our look and the server's. */
const portAttempts = 20;

/**
 * The process of a server, with a folder that outlives it.
 *
 * IDLE      no process. `start` moves to STARTING.
 * STARTING  a process, not yet serving; RUNNING when it serves, IDLE with an error when it ends before.
 * RUNNING   until it ends by itself, by `stop` or by `kill`; then IDLE.
 * CLOSED    terminal, by `close` from any state: no process, no folder.
 *
 * The ports are chosen by the first start that succeeds, and kept.
 */
export abstract class ServerProcess<Ports> {
  private program: ChildProgram | undefined;
  private starting: Promise<void> | undefined;
  private closing: Promise<void> | undefined;
  private guardian: ProcessGuardian | undefined;
  private madeFolder: string | undefined;
  private chosen: Ports | undefined;
  /** Raised by each stop, so that a start which meets a port in use meanwhile does not go on. */
  private stops = 0;

  constructor(private readonly server: ServerProcessOptions) {}

  /** Ports that were free a moment ago. */
  protected abstract findPorts(): Promise<Ports>;

  /** Those at which it listens itself. */
  protected abstract listensAt(ports: Ports): readonly number[];

  /** Writes its configuration: before the first start, and again when a port was taken. */
  protected abstract configure(place: ServerPlace<Ports>): Promise<void>;

  /** The program to be started; anything that it needs runs already when this resolves. */
  protected abstract programFor(place: ServerPlace<Ports>): Promise<ChildProgram>;

  /** After the line which says that it serves. */
  protected abstract serves(program: ChildProgram): Promise<void>;

  get ports(): Ports {
    if (this.chosen === undefined) throw this.notStarted();
    return this.chosen;
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

  async stop(deadline: StopDeadline = deadlineIn(this.server.stopWithinMs)): Promise<void> {
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
    await this.closeOthers();
    if (this.madeFolder !== undefined)
      await rm(this.madeFolder, { recursive: true, force: true, maxRetries: 10 });
    this.guardian?.release();
  }

  /** Ends what it needed. */
  protected async closeOthers(): Promise<void> {
    await Promise.resolve();
  }

  protected notStarted(): ServiceError {
    return new ServiceError('PROGRAM_NOT_STARTED', `${this.server.name} has not been started`);
  }

  private async startOnce(): Promise<void> {
    if (this.running) return;
    const { stops } = this;
    const folder = await this.ensureFolder();
    for (let attempt = 1; ; attempt += 1) {
      const place = { folder, ports: this.chosen ?? (await this.findPorts()) };
      // Later the server itself may write into it, as Redis does: a replica that was made a primary must still be one after a restart.
      if (this.chosen === undefined) await this.configure(place);
      try {
        await this.launch(place, stops);
        return;
      } catch (error) {
        if (this.stops !== stops) throw this.stopped(error);
        if (attempt === portAttempts || !this.portWasTaken(error)) throw error;
      }
      await this.waitForPorts(stops);
    }
  }

  private async launch(place: ServerPlace<Ports>, stops: number): Promise<void> {
    const program = await this.programFor(place);
    if (this.stops !== stops) throw this.stopped();
    this.program = program;
    await program.start();
    try {
      // It is told of a port in use before this; so what answers there then is this process and no other.
      await program.waitForLine(this.server.readyLine, { withinMs: this.server.readyWithinMs });
      this.chosen = place.ports;
      await this.serves(program);
    } catch (error) {
      await program.kill();
      throw error;
    }
  }

  /** Of a restart: the kernel may have lent a port to a connection meanwhile. */
  private async waitForPorts(stops: number): Promise<void> {
    if (this.chosen === undefined) return;
    const ports = this.listensAt(this.chosen);
    const free = async (): Promise<boolean> => (await Promise.all(ports.map(portIsFree))).every(Boolean);
    await waitFor(async () => this.stops !== stops || (await free()), {
      withinMs: this.server.readyWithinMs,
      what: `port ${ports.join(' and ')} of ${this.server.name} to be free again`,
    });
  }

  private async ensureFolder(): Promise<string> {
    if (this.madeFolder === undefined) {
      const { parentFolder = tmpdir(), folderPrefix } = this.server;
      this.madeFolder = await mkdtemp(join(parentFolder, folderPrefix));
      this.guardian = ProcessGuardian.start();
      this.guardian.watchFolder(this.madeFolder);
    }
    return this.madeFolder;
  }

  private portWasTaken(error: unknown): boolean {
    return error instanceof ServiceError && this.server.portIsTaken.test(error.message);
  }

  private stopped(cause?: unknown): ServiceError {
    const message = `${this.server.name} was stopped`;
    return new ServiceError('PROGRAM_STOPPED', message, cause === undefined ? {} : { cause });
  }
}
