import { OwnServer } from '../process/own-server.js';
import { waitFor } from '../process/wait-for.js';
import { certificatesFor, type ServerTls, writeCertificates } from '../tls/server-certificates.js';
import type { TestCertificates } from '../tls/test-certificates.js';
import { RabbitProcess } from './rabbit-process.js';
import { queuesExpression, type RabbitQueueEntry } from './rabbit-queue-entry.js';

export interface RabbitServerOptions {
  /** Lines of `rabbitmq.conf`, such as `{ heartbeat: '5' }`. They go over the defaults. */
  readonly config?: Readonly<Record<string, string>>;
  /** Plugins to enable, such as `rabbitmq_management`. Default: none. */
  readonly plugins?: readonly string[];
  /** Listens with TLS only, and asks clients for no certificate. Default false. */
  readonly tls?: ServerTls;
  /** Milliseconds after which a delivery that was not acknowledged closes its channel. Default: RabbitMQ's 30 minutes. */
  readonly consumerTimeoutMs?: number;
  /** Processors that it may use. Default 1, as many servers run beside many tests. */
  readonly schedulers?: number;
  /** Default `/usr/lib/rabbitmq/bin/rabbitmq-server`, Debian's without its change of the user. */
  readonly executable?: string;
  /** Where the folder with its data is made. Default: the folder for temporary files of this machine. */
  readonly parentFolder?: string;
}

/** A virtual host: exchanges, queues and messages which no other virtual host sees. */
export interface RabbitVhost {
  readonly name: string;
  /** For clients: `amqp://guest:guest@127.0.0.1:<port>/<name>`. */
  readonly url: string;
}

/**
 * A RabbitMQ of its own, on free ports at 127.0.0.1, with a folder of its own. It may be stopped, killed and started again,
 * on the same ports with the same folder, until it is closed. It takes some seconds to start: share one among the tests of a
 * file, and give each test a virtual host.
 *
 * @example
 * const rabbit = new RabbitServer();
 * beforeAll(() => rabbit.start());
 * afterAll(() => rabbit.close());
 * it('…', async () => { const { url } = await rabbit.createVhost(); … });
 */
export class RabbitServer extends OwnServer<RabbitProcess> {
  protected override readonly process: RabbitProcess;
  private vhosts = 0;

  constructor(options: RabbitServerOptions = {}) {
    super(certificatesFor(options.tls));
    this.process = new RabbitProcess({
      executable: options.executable ?? '/usr/lib/rabbitmq/bin/rabbitmq-server',
      parentFolder: options.parentFolder,
      schedulers: options.schedulers ?? 1,
      plugins: options.plugins ?? [],
      config: async ({ folder, ports }) => ({
        ...(this.certificates === undefined
          ? { 'listeners.tcp.local': `127.0.0.1:${ports.amqp}` }
          : await tlsConfig(this.certificates, folder, ports.amqp)),
        'log.console': 'true',
        'log.console.level': 'warning',
        'log.file': 'false',
        'disk_free_limit.absolute': '10MB',
        // The log of quorum queues: RabbitMQ would set 512 MB aside.
        'raft.wal_max_size_bytes': '16777216',
        ...(options.consumerTimeoutMs === undefined
          ? {}
          : { consumer_timeout: String(options.consumerTimeoutMs) }),
        ...options.config,
      }),
    });
  }

  /** Of AMQP. Fixed by the first `start`. */
  override get port(): number {
    return this.process.ports.amqp;
  }

  /** For clients, of the default virtual host: `amqp://guest:guest@127.0.0.1:<port>/%2F`; with TLS `amqps://…`. */
  get url(): string {
    return this.urlOf('/');
  }

  /** The same for another virtual host, and another user. */
  urlOf(vhost: string, login = 'guest:guest'): string {
    const scheme = this.certificates === undefined ? 'amqp' : 'amqps';
    return `${scheme}://${login}@127.0.0.1:${this.port}/${encodeURIComponent(vhost)}`;
  }

  /**
   * Evaluates Erlang in the node: `evaluate('rabbit_misc:version().')`. Maps, lists, numbers, atoms and binaries come back as
   * JSON values, everything else as its Erlang text.
   */
  async evaluate(expressions: string): Promise<unknown> {
    return await this.process.evaluate(expressions);
  }

  /** A new virtual host in which the user guest may do everything. Default name: one that has not been used. */
  async createVhost(name = `test-${(this.vhosts += 1)}`): Promise<RabbitVhost> {
    const vhost = binary(name);
    await this.evaluate(
      `rabbit_vhost:add(${vhost}, <<"lovage">>), rabbit_auth_backend_internal:set_permissions(` +
        `<<"guest">>, ${vhost}, <<".*">>, <<".*">>, <<".*">>, <<"lovage">>).`,
    );
    return { name, url: this.urlOf(name) };
  }

  /** Closes its connections and deletes all that is in it. Legal when there is none. */
  async deleteVhost(name: string): Promise<void> {
    // Just after a restart its queues may still be starting, and then they can not be deleted.
    await waitFor(
      async () => {
        await this.evaluate(
          `rabbit_vhost:exists(${binary(name)}) andalso rabbit_vhost:delete(${binary(name)}, <<"lovage">>).`,
        );
        return true;
      },
      { withinMs: 60_000, everyMs: 200, what: `virtual host ${name} to be deleted` },
    );
  }

  /** A user of one virtual host. @param names pattern of what it may declare, write to and read from. Default: everything */
  async createUser(user: string, password: string, vhost: string, names = '.*'): Promise<void> {
    const pattern = binary(names);
    await this.evaluate(
      `rabbit_auth_backend_internal:add_user(${binary(user)}, ${binary(password)}, <<"lovage">>), ` +
        `rabbit_auth_backend_internal:set_permissions(${binary(user)}, ${binary(vhost)}, ` +
        `${pattern}, ${pattern}, ${pattern}, <<"lovage">>).`,
    );
  }

  /** The queues of a virtual host, by name. */
  async queues(vhost: string): Promise<readonly RabbitQueueEntry[]> {
    const entries = (await this.evaluate(queuesExpression(vhost))) as (RabbitQueueEntry & { type: string })[];
    return entries.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** As `queue.delete` of another client would: its consumers are cancelled. */
  async deleteQueue(vhost: string, queue: string): Promise<void> {
    await this.evaluate(
      `{ok, Q} = rabbit_amqqueue:lookup(rabbit_misc:r(${binary(vhost)}, queue, ${binary(queue)})), ` +
        `rabbit_amqqueue:delete(Q, false, false, <<"lovage">>).`,
    );
  }

  /** How many clients are connected to a virtual host. Default: to any. */
  async connections(vhost?: string): Promise<number> {
    if (vhost === undefined) return Number(await this.evaluate('length(rabbit_networking:connections()).'));
    return Number(
      await this.evaluate(
        `length([C || C <- rabbit_networking:connection_info_all([vhost]), ` +
          `proplists:get_value(vhost, C) =:= ${binary(vhost)}]).`,
      ),
    );
  }

  /** Closes all connections of clients, with a reason of the server's. Returns how many there were. */
  async closeConnections(reason = 'closed by the test'): Promise<number> {
    return Number(
      await this.evaluate(
        `Cs = rabbit_networking:connections(), ` +
          `[catch rabbit_networking:close_connection(C, "${reason}") || C <- Cs], length(Cs).`,
      ),
    );
  }

  /** While there is one, RabbitMQ takes nothing more from connections that have published. */
  async memoryAlarm(on: boolean): Promise<void> {
    await this.evaluate(
      on
        ? 'rabbit_alarm:set_alarm({{resource_limit, memory, node()}, []}).'
        : 'rabbit_alarm:clear_alarm({resource_limit, memory, node()}).',
    );
  }

  /** For channels that are opened from now on; see {@link RabbitServerOptions.consumerTimeoutMs}. */
  async setConsumerTimeout(ms: number): Promise<void> {
    await this.evaluate(`application:set_env(rabbit, consumer_timeout, ${ms}).`);
  }
}

function binary(text: string): string {
  return `<<"${text.replace(/["\\]/g, (character) => `\\${character}`)}"/utf8>>`;
}

async function tlsConfig(
  certificates: TestCertificates,
  folder: string,
  port: number,
): Promise<Readonly<Record<string, string>>> {
  const files = await writeCertificates(certificates, folder);
  return {
    'listeners.tcp': 'none',
    'listeners.ssl.local': `127.0.0.1:${port}`,
    'ssl_options.cacertfile': files.ca,
    'ssl_options.certfile': files.certificate,
    'ssl_options.keyfile': files.key,
    'ssl_options.verify': 'verify_none',
    'ssl_options.fail_if_no_peer_cert': 'false',
  };
}
