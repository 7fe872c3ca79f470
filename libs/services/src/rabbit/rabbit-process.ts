import { mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { ChildProgram } from '../process/child-program.js';
import { freePort } from '../process/free-port.js';
import { ServerProcess, type ServerPlace } from '../process/server-process.js';
import { ServiceError } from '../process/service-error.js';
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

/** A node of RabbitMQ with a port mapper (epmd) of its own. It serves when all of it has booted. */
export class RabbitProcess extends ServerProcess<RabbitPorts> {
  private mapper: ChildProgram | undefined;
  private rabbitConsole: RabbitConsole | undefined;
  /** The node has been up, so the mapper is its own. */
  private hasServed = false;

  constructor(private readonly options: RabbitProcessOptions) {
    super({
      name: 'RabbitMQ',
      folderPrefix: 'lovage-rabbit-',
      parentFolder: options.parentFolder,
      readyWithinMs,
      readyLine: new RegExp(readyLine),
      portIsTaken: /eaddrinuse|already in use|port in use/i,
      stopWithinMs: 30_000,
    });
  }

  async evaluate(expressions: string): Promise<unknown> {
    if (this.rabbitConsole === undefined) throw this.notStarted();
    return await this.rabbitConsole.evaluate(expressions);
  }

  protected override async findPorts(): Promise<RabbitPorts> {
    return { amqp: await freePort(), distribution: await freePort(), mapper: await freePort() };
  }

  protected override listensAt({ amqp, distribution }: RabbitPorts): readonly number[] {
    return [amqp, distribution];
  }

  protected override async configure({ folder, ports }: ServerPlace<RabbitPorts>): Promise<void> {
    await mkdir(join(folder, 'log'), { recursive: true });
    const config = await this.options.config({ folder, ports });
    const lines = Object.entries(config).map(([name, value]) => `${name} = ${value}\n`);
    await writeFile(join(folder, 'rabbitmq.conf'), lines.join(''));
    await writeFile(join(folder, 'enabled_plugins'), `[${this.options.plugins.join(',')}].\n`);
    // How often a channel looks for acknowledgements that are late; a minute would be long for a test.
    await writeFile(join(folder, 'advanced.config'), '[{rabbit, [{channel_tick_interval, 500}]}].\n');
  }

  protected override async programFor({ folder, ports }: ServerPlace<RabbitPorts>): Promise<ChildProgram> {
    await this.ensureMapper(ports);
    const { executable, schedulers } = this.options;
    return new ChildProgram({
      name: 'RabbitMQ',
      command: executable,
      args: ['-noshell', '-eval', consoleProgram],
      cwd: folder,
      env: rabbitEnvironment({ folder, ports, schedulers }),
    });
  }

  protected override async serves(node: ChildProgram): Promise<void> {
    this.hasServed = true;
    this.rabbitConsole = new RabbitConsole(node);
    await Promise.resolve();
  }

  protected override async closeOthers(): Promise<void> {
    await this.mapper?.kill();
  }

  /** The one of this machine is for others; and one that a node starts by itself outlives everybody. */
  private async ensureMapper({ mapper: port }: RabbitPorts): Promise<void> {
    if (this.mapper?.running === true && this.hasServed) return;
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
