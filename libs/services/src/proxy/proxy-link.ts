import type { Socket } from 'node:net';
import type { DirectionConditions } from './direction-conditions.js';
import { Pump } from './pump.js';
import type { RequestFault } from './request-fault.js';
import type { Passage, RespConversation } from './resp-conversation.js';

export interface ProxyLinkOptions {
  readonly client: Socket;
  readonly server: Socket;
  /** Given: bytes go on as whole requests and replies. */
  readonly conversation: RespConversation | undefined;
  readonly random: () => number;
  readonly onClosed: () => void;
  /** What went through is not what the conversation understands. The link is reset. */
  readonly onMisunderstood: (error: Error) => void;
}

/** One connection through the proxy: a socket to the client, one to the server, and what goes between them. */
export class ProxyLink {
  private readonly toServer: Pump;
  private readonly toClient: Pump;
  /** Nothing from the client goes on any more: its request was lost. */
  private deaf = false;
  /** The fault that comes when the server has answered what it got before. */
  private afterReplies: RequestFault | undefined;
  /** Neither direction passes anything, ever: a fault made it hang. */
  private hung = false;

  constructor(private readonly options: ProxyLinkOptions) {
    const { client, server, random } = options;
    this.toServer = new Pump(client, server, random);
    this.toClient = new Pump(server, client, random);
    client.on('data', (chunk: Buffer) => this.guarded(() => this.fromClient(chunk)));
    server.on('data', (chunk: Buffer) => this.guarded(() => this.fromServer(chunk)));
    this.connectEnds(client, server, this.toServer);
    this.connectEnds(server, client, this.toClient);
  }

  /** Whether one side lost something of what the other sent. */
  get damaged(): boolean {
    return this.hung || this.toServer.damaged || this.toClient.damaged;
  }

  impose(toServer: DirectionConditions, toClient: DirectionConditions): void {
    this.toServer.impose(toServer);
    this.toClient.impose(toClient);
  }

  /** Resets both sides. */
  reset(): void {
    resetSocket(this.options.client);
    resetSocket(this.options.server);
  }

  private fromClient(chunk: Buffer): void {
    if (this.deaf) return;
    // It must not count as a request: the server is not going to see it.
    if (this.toServer.swallows) {
      this.toServer.damaged = true;
      return;
    }
    const { bytes, fault } = this.options.conversation?.fromClient(chunk) ?? whole(chunk);
    if (bytes.length > 0) this.toServer.add(bytes);
    if (fault === undefined) return;
    this.deaf = true;
    this.afterReplies = fault;
    this.endAfterReplies();
  }

  private fromServer(chunk: Buffer): void {
    if (this.hung) return;
    const { bytes, fault } = this.options.conversation?.fromServer(chunk) ?? whole(chunk);
    if (bytes.length > 0) this.toClient.add(bytes);
    if (fault === undefined) this.endAfterReplies();
    else this.end(fault);
  }

  /** So that exactly the chosen request is lost, and no reply to an earlier one. */
  private endAfterReplies(): void {
    if (this.afterReplies !== undefined && this.options.conversation?.answered === true) {
      this.end(this.afterReplies);
    }
  }

  private end({ outcome }: RequestFault): void {
    this.deaf = true;
    this.hung = true;
    if (outcome === 'hang') return;
    this.options.server.destroy();
    // Not a reset, which could overtake the replies before it in the client's kernel.
    this.toClient.add(() => this.options.client.destroySoon());
  }

  /** How the end of one side becomes the end of the other. */
  private connectEnds(from: Socket, to: Socket, pump: Pump): void {
    const silent = (): boolean => this.hung || pump.swallows;
    from.on('end', () => {
      if (!this.hung) pump.add(() => to.end());
    });
    from.on('error', () => {
      if (!silent()) resetSocket(to);
    });
    from.on('close', () => {
      if (!silent() && !to.writableEnded) pump.add(() => to.destroySoon());
      if (to.destroyed) this.options.onClosed();
    });
  }

  private guarded(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.reset();
      this.options.onMisunderstood(error as Error);
    }
  }
}

/** Node would never close the handle of a socket that is reset while its end is being sent. */
function resetSocket(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}

function whole(bytes: Buffer): Passage {
  return { bytes };
}
