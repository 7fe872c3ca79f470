import { waitFor } from '@lovage/services';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** Sends back what it gets, and records how its connections ended. */
export class EchoServer {
  readonly sockets: Socket[] = [];
  /** Bytes that arrived, in the pieces in which they arrived. */
  readonly pieces: Buffer[] = [];
  private server: Server | undefined;

  get port(): number {
    const address = this.server?.address();
    if (typeof address !== 'object' || address === null) throw new Error('the echo server does not listen');
    return address.port;
  }

  async start(): Promise<void> {
    const server = createServer((socket) => {
      this.sockets.push(socket);
      socket.on('data', (piece: Buffer) => {
        this.pieces.push(piece);
        socket.write(piece);
      });
      socket.on('error', () => undefined);
    });
    this.server = server;
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
  }

  get text(): string {
    return Buffer.concat(this.pieces).toString();
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => {
      this.server?.close(resolve);
    });
  }
}

/** A client that remembers all that it gets. */
export class RecordingClient {
  readonly pieces: Buffer[] = [];
  /** Resolves when the connection is over: `end` for an orderly end, else the code of the error. */
  readonly ended: Promise<string>;

  private constructor(readonly socket: Socket) {
    socket.setNoDelay(true);
    socket.on('data', (piece: Buffer) => this.pieces.push(piece));
    this.ended = new Promise((resolve) => {
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
      socket.once('close', () => resolve('end'));
    });
  }

  /** Rejects with the error of the operating system, such as ECONNREFUSED. */
  static async open(port: number): Promise<RecordingClient> {
    return await new Promise<RecordingClient>((resolve, reject) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new RecordingClient(socket));
      });
    });
  }

  get text(): string {
    return Buffer.concat(this.pieces).toString();
  }

  /** Resolves when this text has come, and nothing else. */
  async heard(text: string): Promise<void> {
    await waitFor(() => !text.startsWith(this.text) || this.text === text || this.socket.destroyed, {
      withinMs: 30_000,
      what: 'the client to hear all',
    });
    if (this.text !== text) throw new Error(`heard ${JSON.stringify(this.text.slice(-1000))}`);
  }
}
