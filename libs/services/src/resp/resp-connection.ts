import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { ServiceError } from '../process/service-error.js';
import { encodeRequest } from './resp-request.js';
import { RespError, RespSplitter, type RespValue } from './resp-splitter.js';

export interface RespConnectionOptions {
  /** Default 127.0.0.1. */
  readonly host?: string;
  readonly port?: number;
  /** Path of a Unix socket, in place of host and port. */
  readonly path?: string;
  readonly password?: string;
  /** Certificate, in PEM, of the authority to trust. Given: the connection uses TLS. */
  readonly ca?: string;
  /** With TLS: whether the server's certificate must be a right one. Default true. */
  readonly verify?: boolean;
  /** Limit for connecting and for each answer. Default 10,000 ms. */
  readonly answerWithinMs?: number;
}

/** A reply with text in place of bytes. */
export type RespText = string | number | bigint | boolean | null | readonly RespText[];

interface Waiting {
  readonly timer: NodeJS.Timeout;
  readonly resolve: (value: RespValue) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A plain connection to Redis for tests: sends what it is told, once, and gives the reply. No reconnection, no queue for
 * later, no scripts of its own, so that nothing of the client under test is used to observe it.
 */
export class RespConnection {
  private readonly splitter = new RespSplitter();
  private readonly waiting: Waiting[] = [];

  private constructor(
    private readonly socket: Socket,
    private readonly answerWithinMs: number,
  ) {
    socket.on('data', (chunk: Buffer) => this.take(chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => this.rejectAll());
  }

  /**
   * @throws ServiceError CONNECTION_LOST when nobody answers there
   * @throws RespError when the password is refused
   */
  static async open(options: RespConnectionOptions): Promise<RespConnection> {
    const answerWithinMs = options.answerWithinMs ?? 10_000;
    const connection = new RespConnection(await openSocket(options, answerWithinMs), answerWithinMs);
    try {
      if (options.password !== undefined) await connection.command('AUTH', options.password);
    } catch (error) {
      connection.close();
      throw error;
    }
    return connection;
  }

  /**
   * The reply, with bytes read as UTF-8.
   *
   * @throws RespError for an error reply; ServiceError CONNECTION_LOST, or WAITED_IN_VAIN after `answerWithinMs`
   */
  async command(...args: readonly (string | number | Uint8Array)[]): Promise<RespText> {
    return textOf(await this.commandBytes(...args));
  }

  /** As {@link command}, with bulk strings as bytes. */
  async commandBytes(...args: readonly (string | number | Uint8Array)[]): Promise<RespValue> {
    if (this.socket.destroyed) throw lost();
    const value = await new Promise<RespValue>((resolve, reject) => {
      // Replies come in order: one that is missing makes all later ones wrong.
      const timer = setTimeout(() => {
        reject(
          new ServiceError(
            'WAITED_IN_VAIN',
            `no answer to ${String(args[0])} within ${this.answerWithinMs} ms`,
          ),
        );
        this.socket.destroy();
      }, this.answerWithinMs);
      this.waiting.push({ timer, resolve, reject });
      this.socket.write(encodeRequest(args));
    });
    if (value instanceof RespError) throw value;
    return value;
  }

  /** What waits for an answer is rejected. Twice is legal. */
  close(): void {
    this.socket.destroy();
    this.rejectAll();
  }

  private take(chunk: Buffer): void {
    for (const { value } of this.splitter.push(chunk)) {
      const waiting = this.waiting.shift();
      clearTimeout(waiting?.timer);
      waiting?.resolve(value);
    }
  }

  private rejectAll(): void {
    for (const { timer, reject } of this.waiting.splice(0)) {
      clearTimeout(timer);
      reject(lost());
    }
  }
}

function lost(): ServiceError {
  return new ServiceError('CONNECTION_LOST', 'the connection to Redis was lost');
}

async function openSocket(options: RespConnectionOptions, withinMs: number): Promise<Socket> {
  const { host = '127.0.0.1', port = 6379, path, ca, verify = true } = options;
  const where = path ?? `${host}:${port}`;
  const address = path === undefined ? { host, port } : { path };
  return await new Promise<Socket>((resolve, reject) => {
    const socket =
      ca === undefined ? connectTcp(address) : connectTls({ ...address, ca, rejectUnauthorized: verify });
    const fail = (why: string): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(new ServiceError('CONNECTION_LOST', `no connection to Redis at ${where}: ${why}`));
    };
    const timer = setTimeout(() => fail(`no answer within ${withinMs} ms`), withinMs);
    const onError = (error: Error): void => fail(error.message);
    socket.once('error', onError);
    socket.once(ca === undefined ? 'connect' : 'secureConnect', () => {
      clearTimeout(timer);
      socket.off('error', onError);
      socket.setNoDelay(true);
      resolve(socket);
    });
  });
}

function textOf(value: RespValue): RespText {
  if (Buffer.isBuffer(value)) return value.toString();
  if (Array.isArray(value)) return value.map((item: RespValue) => textOf(item));
  // An error inside an array, as EXEC gives it.
  if (value instanceof RespError) return value.message;
  return value as RespText;
}
