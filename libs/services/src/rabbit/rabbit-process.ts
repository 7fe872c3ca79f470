import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ChildProgram } from '../process/child-program.js';
import { freePort } from '../process/free-port.js';
import { portIsFree } from '../process/port-is-free.js';
import { ProcessGuardian } from '../process/process-guardian.js';
import { ServiceError } from '../process/service-error.js';
import { deadlineIn, type StopDeadline } from '../process/stop-deadline.js';
import { waitFor } from '../process/wait-for.js';
import { consoleProgram, RabbitConsole, readyLine } from './rabbit-console.js';
import { rabbitEnvironment, type RabbitPorts } from './rabbit-environment.js';

export interface RabbitProcessOptions {
  readonly executable: string;
  readonly parentFolder: string | undefined;
  readonly schedulers: number;
  readonly plugins: readonly string[];
  /** Lines of `rabbitmq.conf` for a folder and ports. */
  readonly config: (place: {
    readonly folder: string;
    readonly ports: RabbitPorts;
  }) => Promise<Readonly<Record<string, string>>>;
}

/** How long to wait for the node to start. Spent only by a test that fails anyway. */
const readyWithinMs = 120_000;
/** Another process may take a port between our look and the node's. */
const portAttempts = 10;

/**
 * A node of RabbitMQ with a port mapper (epmd) of its own, and a folder that outlives both.
 *
 * IDLE      no node. `start` moves to STARTING.
 * STARTING  a node that boots; RUNNING when all of it has, IDLE with an error when it ends before.
 * RUNNING   until it ends by itself, by `stop` or by `kill`; then IDLE.
 * CLOSED    terminal, by `close` from any state: no process, no folder.
 *
 * The ports are chosen by the first start that succeeds, and kept.
 */
export class RabbitProcess {
  private node: ChildProgram | undefined;
  private mapper: ChildProgram | undefined;
  private rabbitConsole: RabbitConsole | undefined;
  private starting: Promise<void> | undefined;
  private closing: Promise<void> | undefined;
  private guardian: ProcessGuardian | undefined;
  private madeFolder: string | undefined;
  private chosen: RabbitPorts | undefined;
  /** Raised by each stop, so that a start which meets a port in use meanwhile does not go on. */
  private stops = 0;

  constructor(private readonly options: RabbitProcessOptions) {}

  get ports(): RabbitPorts {
    if (this.chosen === undefined) throw notStarted();
    return this.chosen;
  }

  get folder(): string {
    if (this.madeFolder === undefined) throw notStarted();
    return this.madeFolder;
  }

  get pid(): number {
    if (this.node === undefined) throw notStarted();
    return this.node.pid;
  }

  get running(): boolean {
    return this.node?.running ?? false;
  }

  get log(): string {
    return this.node?.output('stdout') ?? '';
  }

  async evaluate(expressions: string): Promise<unknown> {
    if (this.rabbitConsole === undefined) throw notStarted();
    return await this.rabbitConsole.evaluate(expressions);
  }

  async start(): Promise<void> {
    if (this.closing !== undefined) throw stopped();
    this.starting ??= this.startOnce().finally(() => {
      this.starting = undefined;
    });
    await this.starting;
  }

  async stop(deadline: StopDeadline = deadlineIn(30_000)): Promise<void> {
    this.stops += 1;
    await this.node?.stop(deadline);
    // Whoever started it is told of the failure.
    await this.starting?.catch(() => undefined);
  }

  async kill(): Promise<void> {
    await this.stop(deadlineIn(0));
  }

  signal(signal: NodeJS.Signals): void {
    this.node?.signal(signal);
  }

  async close(): Promise<void> {
    this.closing ??= this.closeOnce();
    await this.closing;
  }

  private async closeOnce(): Promise<void> {
    // Nothing of it is wanted any more, so it need not write anything down in peace.
    await this.kill();
    await this.mapper?.kill();
    if (this.madeFolder !== undefined)
      await rm(this.madeFolder, { recursive: true, force: true, maxRetries: 10 });
    this.guardian?.release();
  }

  private async startOnce(): Promise<void> {
    if (this.running) return;
    const { stops } = this;
    const folder = await this.ensureFolder();
    for (let attempt = 1; ; attempt += 1) {
      const ports = this.chosen ?? (await freePorts());
      if (this.chosen === undefined) await this.configure(folder, ports);
      try {
        await this.ensureMapper(ports);
        if (this.stops !== stops) throw stopped();
        await this.launch(folder, ports);
        return;
      } catch (error) {
        if (this.stops !== stops) throw stopped(error);
        if (attempt === portAttempts || !portIsTaken(error)) throw error;
      }
      await this.waitForPorts(stops);
    }
  }

  /** Of a restart: the kernel may have lent a port to a connection meanwhile. */
  private async waitForPorts(stops: number): Promise<void> {
    const { chosen } = this;
    if (chosen === undefined) return;
    const free = async (): Promise<boolean> =>
      (await portIsFree(chosen.amqp)) && (await portIsFree(chosen.distribution));
    await waitFor(async () => this.stops !== stops || (await free()), {
      withinMs: readyWithinMs,
      what: `the ports ${chosen.amqp} and ${chosen.distribution} of RabbitMQ to be free again`,
    });
  }

  private async launch(folder: string, ports: RabbitPorts): Promise<void> {
    const { schedulers } = this.options;
    const node = new ChildProgram({
      name: 'RabbitMQ',
      command: this.options.executable,
      args: ['-noshell', '-eval', consoleProgram],
      cwd: folder,
      env: rabbitEnvironment({ folder, ports, schedulers }),
    });
    this.node = node;
    await node.start();
    try {
      await node.waitForLine(new RegExp(readyLine), { withinMs: readyWithinMs });
      this.rabbitConsole = new RabbitConsole(node);
      this.chosen = ports;
    } catch (error) {
      await node.kill();
      throw error;
    }
  }

  /** The one of this machine is for others; and one that a node starts by itself outlives everybody. */
  private async ensureMapper({ mapper: port }: RabbitPorts): Promise<void> {
    if (this.mapper?.running === true && this.chosen !== undefined) return;
    await this.mapper?.kill();
    const mapper = new ChildProgram({
      name: 'epmd',
      command: 'epmd',
      args: ['-port', String(port), '-address', '127.0.0.1'],
    });
    this.mapper = mapper;
    await mapper.start();
    // Not by trying to listen there ourselves, which would take the port away from it.
    await waitFor(async () => !mapper.running || (await portAccepts(port)), {
      withinMs: readyWithinMs,
      what: `epmd to listen at port ${port}`,
    });
    if (!mapper.running)
      throw new ServiceError('PROGRAM_EXITED', `port ${port} of epmd is already in use, or epmd ended`);
  }

  private async ensureFolder(): Promise<string> {
    if (this.madeFolder === undefined) {
      const { parentFolder = tmpdir() } = this.options;
      this.madeFolder = await mkdtemp(join(parentFolder, 'lovage-rabbit-'));
      this.guardian = ProcessGuardian.start();
      this.guardian.watchFolder(this.madeFolder);
    }
    return this.madeFolder;
  }

  private async configure(folder: string, ports: RabbitPorts): Promise<void> {
    await mkdir(join(folder, 'log'), { recursive: true });
    const config = await this.options.config({ folder, ports });
    const lines = Object.entries(config).map(([name, value]) => `${name} = ${value}\n`);
    await writeFile(join(folder, 'rabbitmq.conf'), lines.join(''));
    await writeFile(join(folder, 'enabled_plugins'), `[${this.options.plugins.join(',')}].\n`);
    // How often a channel looks for acknowledgements that are late; a minute would be long for a test.
    await writeFile(join(folder, 'advanced.config'), '[{rabbit, [{channel_tick_interval, 500}]}].\n');
  }
}

async function portAccepts(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const end = (accepts: boolean): void => {
      socket.destroy();
      resolve(accepts);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}

async function freePorts(): Promise<RabbitPorts> {
  return { amqp: await freePort(), distribution: await freePort(), mapper: await freePort() };
}

function notStarted(): ServiceError {
  return new ServiceError('PROGRAM_NOT_STARTED', 'RabbitMQ has not been started');
}

function stopped(cause?: unknown): ServiceError {
  return new ServiceError('PROGRAM_STOPPED', 'RabbitMQ was stopped', cause === undefined ? {} : { cause });
}

function portIsTaken(error: unknown): boolean {
  return error instanceof ServiceError && /eaddrinuse|already in use|port in use/i.test(error.message);
}
