import { connect, createServer, type Server, type Socket } from 'node:net';
import { freePort } from '../process/free-port.js';
import { ServiceError } from '../process/service-error.js';
import { waitFor } from '../process/wait-for.js';
import type { RespRequest } from '../resp/resp-request.js';
import { calm, type DirectionConditions } from './direction-conditions.js';
import { ProxyLink } from './proxy-link.js';
import { RequestFault, type RequestFaultOptions } from './request-fault.js';
import { RespConversation } from './resp-conversation.js';

export interface FaultProxyOptions {
  /** Where to: 127.0.0.1 and this port. */
  readonly upstreamPort: number;
  /**
   * `resp`: knows where Redis's requests and replies begin and end; needed to count requests and to lose one. `bytes`
   * (default): knows nothing, for TLS and other protocols.
   */
  readonly protocol?: 'resp' | 'bytes';
  /** From 0 to 1, for jitter. Default `Math.random`. */
  readonly random?: () => number;
}

type Direction = 'both' | 'to-server' | 'to-client';
type RequestListener = (request: RespRequest) => void;

/**
 * A TCP proxy in this process that does to connections what networks do. It starts calm; what is imposed holds for the
 * connections of now and later, until `heal`.
 */
export class FaultProxy {
  private readonly links = new Set<ProxyLink>();
  private readonly faults = new Set<RequestFault>();
  private readonly listeners = new Set<RequestListener>();
  private readonly seenByCommand = new Map<string, number>();
  private readonly misunderstandings: Error[] = [];
  private toServer = calm;
  private toClient = calm;
  private listener: Server | undefined;
  private starting: Promise<void> | undefined;
  private chosenPort: number | undefined;
  private closed = false;
  private acceptedCount = 0;

  constructor(private readonly options: FaultProxyOptions) {}

  /** Where it listens, at 127.0.0.1. Fixed by `start`. */
  get port(): number {
    if (this.chosenPort === undefined) {
      throw new ServiceError('PROGRAM_NOT_STARTED', 'the fault proxy has not been started');
    }
    return this.chosenPort;
  }

  /** The same URL, through this proxy. */
  urlOf(url: string): string {
    const through = new URL(url);
    through.hostname = '127.0.0.1';
    through.port = String(this.port);
    return through.href;
  }

  /** Connections that are open now. */
  get connections(): number {
    return this.links.size;
  }

  /** Connections that were ever accepted. */
  get accepted(): number {
    return this.acceptedCount;
  }

  /** Requests that went on to the server or were lost by a fault; of one command (in capitals) or of all. */
  seen(command?: string): number {
    if (command !== undefined) return this.seenByCommand.get(command) ?? 0;
    return [...this.seenByCommand.values()].reduce((sum, each) => sum + each, 0);
  }

  /** Calls `listener` for each further request. Returns what ends that. */
  onRequest(listener: RequestListener): () => void {
    this.needsResp();
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Resolves when it accepts connections. Twice is legal. */
  async start(): Promise<void> {
    if (this.closed) throw new ServiceError('PROGRAM_STOPPED', 'the fault proxy was closed; make a new one');
    this.starting ??= this.listen();
    await this.starting;
  }

  /**
   * Ends all connections and listens no more. Twice, and before a start, is legal.
   *
   * @throws ServiceError NOT_UNDERSTOOD when something went through that was not RESP
   */
  async close(): Promise<void> {
    this.closed = true;
    await this.starting?.catch(() => undefined);
    this.stopListening();
    this.cutAll();
    await waitFor(() => this.links.size === 0, {
      withinMs: 30_000,
      what: 'all connections of the proxy to end',
    });
    const [cause] = this.misunderstandings.splice(0);
    if (cause !== undefined) throw new ServiceError('NOT_UNDERSTOOD', cause.message, { cause });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Changes the conditions, in one direction or both; what is not named stays as it is. */
  impose(conditions: Partial<DirectionConditions>, direction: Direction = 'both'): void {
    if (direction !== 'to-client') this.toServer = { ...this.toServer, ...conditions };
    if (direction !== 'to-server') this.toClient = { ...this.toClient, ...conditions };
    for (const link of this.links) link.impose(this.toServer, this.toClient);
  }

  /** From now on nobody can connect (ECONNREFUSED). Connections that are open stay. */
  refuse(): void {
    this.stopListening();
  }

  /** Resets all connections (ECONNRESET at both ends). Returns how many there were. */
  cutAll(): number {
    const { size } = this.links;
    for (const link of this.links) link.reset();
    return size;
  }

  /** Nothing goes through the connections of now any more, and they stay open; later ones are not affected. Returns how many. */
  silence(): number {
    for (const link of this.links) {
      link.impose({ ...this.toServer, flow: 'swallow' }, { ...this.toClient, flow: 'swallow' });
    }
    return this.links.size;
  }

  /** Calm again: accepts connections, disarms faults, and resets the connections that have lost something. */
  async heal(): Promise<void> {
    for (const fault of this.faults) fault.disarm();
    this.faults.clear();
    for (const link of this.links) if (link.damaged) link.reset();
    this.impose(calm);
    if (this.listener === undefined) await this.listen();
  }

  /**
   * The n-th request that matches never reaches the server, and the connection ends (or hangs). Requests before it on the
   * same connection are answered first.
   */
  loseRequest(options: RequestFaultOptions = {}): RequestFault {
    return this.arm(new RequestFault('lose-request', options));
  }

  /** The server executes the n-th request that matches; the client never hears of it, and the connection ends (or hangs). */
  loseReply(options: RequestFaultOptions = {}): RequestFault {
    return this.arm(new RequestFault('lose-reply', options));
  }

  private arm(fault: RequestFault): RequestFault {
    this.needsResp();
    this.faults.add(fault);
    return fault;
  }

  private needsResp(): void {
    if (this.options.protocol !== 'resp')
      throw new TypeError("requests are known with protocol: 'resp' only");
  }

  private async listen(): Promise<void> {
    await waitFor(
      async () => {
        if (!this.closed) this.chosenPort = await this.listenAt(this.chosenPort ?? (await freePort()));
        return true;
      },
      // Somebody may have the port for a moment.
      { withinMs: 30_000, what: 'the fault proxy has its port' },
    );
    if (this.closed) throw new ServiceError('PROGRAM_STOPPED', 'the fault proxy was closed');
  }

  private async listenAt(port: number): Promise<number> {
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => this.accept(client));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
    this.listener = server;
    return port;
  }

  private stopListening(): void {
    // Its callback would wait for the connections; the port is closed at once.
    this.listener?.close();
    this.listener = undefined;
  }

  private accept(client: Socket): void {
    this.acceptedCount += 1;
    const server = connect({
      port: this.options.upstreamPort,
      host: '127.0.0.1',
      allowHalfOpen: true,
      noDelay: true,
    });
    const link = new ProxyLink({
      client,
      server,
      conversation:
        this.options.protocol === 'resp' ? new RespConversation((request) => this.take(request)) : undefined,
      random: this.options.random ?? Math.random,
      onClosed: () => this.links.delete(link),
      onMisunderstood: (error) => this.misunderstandings.push(error),
    });
    this.links.add(link);
    link.impose(this.toServer, this.toClient);
  }

  private take(request: RespRequest): RequestFault | undefined {
    this.seenByCommand.set(request.command, this.seen(request.command) + 1);
    for (const listener of this.listeners) listener(request);
    let chosen: RequestFault | undefined;
    for (const fault of this.faults) if (fault.chooses(request, chosen !== undefined)) chosen = fault;
    if (chosen !== undefined) this.faults.delete(chosen);
    return chosen;
  }
}
