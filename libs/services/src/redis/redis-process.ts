import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ChildProgram } from '../process/child-program.js';
import { freePort } from '../process/free-port.js';
import { ServerProcess, type ServerPlace } from '../process/server-process.js';
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

export interface RedisPorts {
  readonly redis: number;
}

/** A process of redis-server in any of its roles. It serves when it answers PING. */
export class RedisProcess extends ServerProcess<RedisPorts> {
  constructor(private readonly options: RedisProcessOptions) {
    super({
      name: options.name,
      folderPrefix: 'lovage-redis-',
      parentFolder: options.parentFolder,
      readyWithinMs,
      readyLine: /Ready to accept connections|Sentinel ID is/,
      portIsTaken: /Address already in use/,
      stopWithinMs: 10_000,
    });
  }

  get port(): number {
    return this.ports.redis;
  }

  protected override async findPorts(): Promise<RedisPorts> {
    return { redis: await freePort() };
  }

  protected override listensAt({ redis }: RedisPorts): readonly number[] {
    return [redis];
  }

  protected override async configure({ folder, ports }: ServerPlace<RedisPorts>): Promise<void> {
    await writeFile(configIn(folder), await this.configuration(folder, ports.redis));
  }

  protected override async programFor({ folder }: ServerPlace<RedisPorts>): Promise<ChildProgram> {
    const { name, executable = '/usr/bin/redis-server', args = [] } = this.options;
    return await Promise.resolve(
      new ChildProgram({ name, command: executable, args: [configIn(folder), ...args] }),
    );
  }

  protected override async serves(): Promise<void> {
    await waitFor(() => this.answersPing(), {
      withinMs: readyWithinMs,
      what: `${this.options.name} answers PING`,
    });
  }

  private async answersPing(): Promise<boolean> {
    const connection = await this.options.connect();
    try {
      return (await connection.command('PING')) === 'PONG';
    } finally {
      connection.close();
    }
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
}

const configIn = (folder: string): string => join(folder, 'redis.conf');
