import { join } from 'node:path';
import { freePort } from '../process/free-port.js';
import { OwnServer } from '../process/own-server.js';
import { RespConnection, type RespText } from '../resp/resp-connection.js';
import { certificatesFor, type ServerTls, writeCertificates } from '../tls/server-certificates.js';
import type { TestCertificates } from '../tls/test-certificates.js';
import { type RedisClientEntry, parseClientList } from './redis-client-entry.js';
import { RedisProcess } from './redis-process.js';

export interface RedisServerOptions {
  /**
   * Directives of `redis.conf`, such as `{ maxmemory: '10mb', save: '3600 1' }`. They go over the defaults, which keep
   * nothing on disk and listen at 127.0.0.1 only. A function is asked at the first start.
   */
  readonly config?: Readonly<Record<string, string>> | (() => Promise<Readonly<Record<string, string>>>);
  /** Of the default user. Default: none is asked for. */
  readonly password?: string;
  /**
   * Listens with TLS only, and asks clients for no certificate. With options: a certificate that is wrong in some way.
   * Default false.
   */
  readonly tls?: ServerTls;
  /** Listens at a Unix socket too, see {@link RedisServer.socketPath}. Default false. */
  readonly unixSocket?: boolean;
  /** Keeps its data in an append-only file, so that they are there after `stop` or `kill` and `start`. Default false. */
  readonly appendOnly?: boolean;
  /** A node of a Redis Cluster, still without slots and alone: see `RedisCluster`. Default false. */
  readonly cluster?: boolean;
  /** Default `/usr/bin/redis-server`, Debian's. */
  readonly executable?: string;
  /** Where the folder with its data is made. Default: the folder for temporary files of this machine. */
  readonly parentFolder?: string;
}

/**
 * A Redis of its own, on a free port at 127.0.0.1, with a folder of its own. It may be stopped, killed and started again,
 * on the same port with the same folder, until it is closed.
 */
export class RedisServer extends OwnServer<RedisProcess> {
  protected override readonly process: RedisProcess;
  private readonly password: string | undefined;
  private readonly hasSocket: boolean;

  constructor(options: RedisServerOptions = {}) {
    super(certificatesFor(options.tls));
    this.password = options.password;
    this.hasSocket = options.unixSocket ?? false;
    this.process = new RedisProcess({
      name: 'Redis',
      ...(options.executable === undefined ? {} : { executable: options.executable }),
      ...(options.parentFolder === undefined ? {} : { parentFolder: options.parentFolder }),
      directives: async ({ folder, port }) => ({
        ...(this.certificates === undefined
          ? { port: String(port) }
          : await tlsDirectives(this.certificates, folder, port)),
        save: '""',
        appendonly: options.appendOnly === true ? 'yes' : 'no',
        ...(this.hasSocket ? { unixsocket: join(folder, 'redis.sock'), unixsocketperm: '700' } : {}),
        ...(this.password === undefined
          ? {}
          : { requirepass: quoted(this.password), masterauth: quoted(this.password) }),
        ...(options.cluster === true ? await clusterDirectives() : {}),
        ...(typeof options.config === 'function' ? await options.config() : options.config),
      }),
      connect: async () => await this.connect(),
    });
  }

  /** Fixed by the first `start`. */
  override get port(): number {
    return this.process.port;
  }

  /** For clients: `redis://:<password>@127.0.0.1:<port>/0`; with TLS `rediss://…`. */
  get url(): string {
    return this.urlOf(0);
  }

  /** The same for another database. */
  urlOf(database: number): string {
    const login = this.password === undefined ? '' : `:${encodeURIComponent(this.password)}@`;
    const scheme = this.certificates === undefined ? 'redis' : 'rediss';
    return `${scheme}://${login}127.0.0.1:${this.port}/${database}`;
  }

  /** Path of the Unix socket. */
  get socketPath(): string {
    return join(this.process.folder, 'redis.sock');
  }

  /** A connection that is nothing but a connection; the caller closes it. */
  async connect(): Promise<RespConnection> {
    return await RespConnection.open({
      port: this.port,
      // It shall reach also a server whose certificate clients are to refuse.
      ...(this.ca === undefined ? {} : { ca: this.ca, verify: false }),
      ...(this.password === undefined ? {} : { password: this.password }),
    });
  }

  /** Sends one command, on a connection of its own, to database 0. */
  async command(...args: readonly (string | number | Uint8Array)[]): Promise<RespText> {
    const connection = await this.connect();
    try {
      return await connection.command(...args);
    } finally {
      connection.close();
    }
  }

  /** Who is connected, without the connection that asks and without replicas. */
  async clients(): Promise<readonly RedisClientEntry[]> {
    const connection = await this.connect();
    try {
      const own = String(await connection.command('CLIENT', 'ID'));
      const entries = parseClientList(String(await connection.command('CLIENT', 'LIST')));
      return entries.filter(({ id, flags }) => id !== own && !/[SM]/.test(flags));
    } finally {
      connection.close();
    }
  }

  /** Closes the connections of this kind, by default of both kinds. Returns how many there were. */
  async killClients(type?: 'normal' | 'pubsub'): Promise<number> {
    const types = type === undefined ? (['normal', 'pubsub'] as const) : [type];
    let killed = 0;
    for (const each of types) killed += Number(await this.command('CLIENT', 'KILL', 'TYPE', each));
    return killed;
  }

  /** Removes all keys of all databases, and all scripts. */
  async flush(): Promise<void> {
    await this.command('FLUSHALL', 'SYNC');
    await this.command('SCRIPT', 'FLUSH', 'SYNC');
  }
}

async function clusterDirectives(): Promise<Readonly<Record<string, string>>> {
  // By default the nodes talk at their port + 10,000, which may be none.
  return { 'cluster-enabled': 'yes', 'cluster-port': String(await freePort()) };
}

async function tlsDirectives(
  certificates: TestCertificates,
  folder: string,
  port: number,
): Promise<Readonly<Record<string, string>>> {
  const files = await writeCertificates(certificates, folder);
  return {
    port: '0',
    'tls-port': String(port),
    'tls-cert-file': files.certificate,
    'tls-key-file': files.key,
    'tls-ca-cert-file': files.ca,
    'tls-auth-clients': 'no',
  };
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, (character) => `\\${character}`)}"`;
}
