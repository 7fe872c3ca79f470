import type { Duplex } from 'node:stream';
import { type Channel, type ChannelModel, connect } from 'amqplib';
import {
  type Clock,
  Deadline,
  LovageError,
  type OutageWatch,
  STORE_UNREACHABLE,
  type Timer,
} from '@lovage/core';
import { failureKind, refusal, textOf } from './amqp-failure.js';
import { gatherWrites } from './gather-writes.js';
import { type FrameReader, readFrames } from './read-frames.js';
import { type MessageWriter, writeFrames } from './write-frames.js';
import type { RabbitTarget } from './rabbit-target.js';
import { surviveHeaders } from './unreadable-headers.js';

export interface AmqpLinkOptions {
  readonly target: RabbitTarget;
  readonly clock: Clock;
  /** Told which attempts to connect fail, and when one succeeds. */
  readonly outage: OutageWatch;
  /** What it is for; the server shows it as the name of the connection. */
  readonly role: string;
  /** The connection was lost; a new one is being made. */
  readonly onLost?: () => void;
  /** There is a connection (again). */
  readonly onReady?: () => void;
  /** The server takes no publications on it for now (memory or disk alarm); `undefined`: it does again. */
  readonly onBlocked?: (reason: string | undefined) => void;
}

const connectMs = 10_000;
/** Pauses between attempts to connect. */
const firstPauseMs = 20;
const longestPauseMs = 1000;

interface Waiter {
  readonly resolve: (connection: ChannelModel) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * One connection to RabbitMQ that heals itself.
 *
 * IDLE        nothing was asked of it.
 * CONNECTING  tries again and again, with growing pauses; calls wait, each until its deadline.
 * READY       calls are sent at once. A lost connection leads to CONNECTING; heartbeats find the one that died without a word.
 * CLOSED      terminal.
 */
export class AmqpLink {
  private connection: ChannelModel | undefined;
  private connecting = false;
  private closed = false;
  private failure: unknown;
  /** Why the server takes no publications for now. */
  private block: string | undefined;
  private readonly waiting = new Set<Waiter>();
  /** End the pauses under way. */
  private readonly wakers = new Set<() => void>();
  /** Connections that are not gone yet. */
  private readonly alive = new Set<ChannelModel>();
  /** While there is no connection that keeps the process alive: an outage must not end a worker that waits for nothing else. */
  private hold: Timer | undefined;

  constructor(private readonly options: AmqpLinkOptions) {}

  get address(): string {
    return this.options.target.address;
  }

  /** The connection, while there is one. */
  get current(): ChannelModel | undefined {
    return this.connection;
  }

  /** Why the server takes no publications on this connection; `undefined` while it does. */
  get blocked(): string | undefined {
    return this.block;
  }

  /** Whether anything was asked of it yet, and it is not closed. */
  get used(): boolean {
    return !this.closed && (this.connecting || this.connection !== undefined);
  }

  /** @throws LOVAGE_STORE_UNREACHABLE; LOVAGE_STORE_REFUSED at once where the server refuses us */
  async open(deadline: Deadline): Promise<ChannelModel> {
    return await this.ready('connect', deadline, true);
  }

  /**
   * The connection, as soon as there is one.
   *
   * @param impatient whether a server that refuses us ends the wait
   * @throws LOVAGE_STORE_UNREACHABLE, LOVAGE_STORE_REFUSED
   */
  async ready(operation: string, deadline: Deadline, impatient = false): Promise<ChannelModel> {
    if (this.closed) throw this.unreachable(operation, 'it was closed');
    if (this.connection !== undefined) return this.connection;
    let waiter: Waiter | undefined;
    const waited = new Promise<ChannelModel>((resolve, reject) => {
      waiter = { resolve, reject };
      this.waiting.add(waiter);
    });
    if (!this.connecting) void this.connectAgain(impatient);
    try {
      return await deadline.race(waited, () => this.unreachable(operation, this.failure ?? 'no connection'));
    } finally {
      if (waiter !== undefined) this.waiting.delete(waiter);
    }
  }

  /**
   * Does something on a channel of its own, again and again while connections are lost, until the deadline. A call whose answer
   * was lost is repeated: what is asked must be safe to ask twice.
   *
   * @throws LOVAGE_STORE_UNREACHABLE; what the server answered where it closed the channel (see `failureKind`)
   */
  async call<T>(operation: string, deadline: Deadline, issue: (channel: Channel) => Promise<T>): Promise<T> {
    let before: unknown;
    for (;;) {
      const connection = await this.ready(operation, deadline);
      try {
        return await this.onChannel(connection, operation, deadline, issue);
      } catch (error) {
        if (error instanceof LovageError || failureKind(error) !== 'lost') throw error;
        before = error;
      }
      if (deadline.passed || this.closed) throw this.unreachable(operation, before);
      await this.pause(Math.min(firstPauseMs, deadline.leftMs()));
    }
  }

  /** Ends the connection; calls under way fail. Twice is legal. */
  async close(deadline: Deadline): Promise<void> {
    const { connection } = this;
    this.end();
    if (connection === undefined) return;
    // Told goodbye, the server gives back at once what we had in hand.
    const gone = new Promise<void>((resolve) => connection.once('close', () => resolve()));
    connection.close().catch(() => undefined);
    await deadline.within(gone);
    this.drop(connection);
  }

  /** Cuts the connection, as a network does; a new one is made. */
  cut(): void {
    if (this.connection !== undefined) this.drop(this.connection);
  }

  /** Drops the connection without a word, as the end of the process does. */
  destroy(): void {
    this.end();
    for (const connection of this.alive) this.drop(connection);
  }

  unreachable(operation: string, problem: unknown): Error {
    return STORE_UNREACHABLE.create(
      { address: this.address, operation, problem: textOf(problem) },
      typeof problem === 'string' ? undefined : problem,
    );
  }

  private end(): void {
    this.closed = true;
    this.connection = undefined;
    this.hold?.cancel();
    for (const wake of this.wakers) wake();
    for (const { reject } of this.waiting) reject(this.unreachable('connect', 'it was closed'));
    this.waiting.clear();
  }

  private async onChannel<T>(
    connection: ChannelModel,
    operation: string,
    deadline: Deadline,
    issue: (channel: Channel) => Promise<T>,
  ): Promise<T> {
    const late = (): Error => this.unreachable(operation, 'no answer');
    const opened = connection.createChannel();
    let channel: Channel | undefined;
    opened.catch(() => undefined);
    try {
      channel = await deadline.race(opened, late);
      // What closes it is told by the call that it answers.
      channel.on('error', () => undefined);
      return await deadline.race(issue(channel), late);
    } finally {
      opened.then(
        (made) => closeQuietly(made),
        () => undefined,
      );
    }
  }

  /** @param impatient whether a server that refuses us ends the first attempt */
  private async connectAgain(impatient: boolean): Promise<void> {
    this.connecting = true;
    this.hold = this.options.clock.keepAlive();
    for (let pauseMs = firstPauseMs; !this.closed; pauseMs = Math.min(longestPauseMs, pauseMs * 2)) {
      try {
        this.adopt(await this.attach());
        break;
      } catch (error) {
        this.failure = error;
        if (impatient && failureKind(error) === 'refused') {
          const refused = refusal(this.address, 'connect', error);
          for (const { reject } of this.waiting) reject(refused);
          this.waiting.clear();
          break;
        }
        this.options.outage.failed(textOf(error));
        await this.pause(pauseMs);
      }
    }
    this.connecting = false;
    this.hold.cancel();
  }

  private async attach(): Promise<ChannelModel> {
    const { target, role } = this.options;
    const { protocol, hostname, port, username, password, vhost, heartbeatSeconds } = target;
    return await connect(
      {
        protocol,
        hostname,
        port,
        username,
        password,
        vhost: encodeURIComponent(vhost),
        heartbeat: heartbeatSeconds,
      },
      {
        ...target.tls,
        noDelay: true,
        keepAlive: true,
        timeout: connectMs,
        clientProperties: { connection_name: `lovage-${role}` },
      },
    );
  }

  private adopt(connection: ChannelModel): void {
    this.alive.add(connection);
    // The reason comes with `close`; without a listener it would be thrown.
    connection.on('error', (error) => {
      this.failure = error;
    });
    connection.on('close', () => this.lost(connection));
    if (this.closed) {
      this.drop(connection);
      return;
    }
    const socket = socketOf(connection);
    if (socket !== undefined) gatherWrites(socket);
    // reason: its types do not show these.
    const frames = connection.connection as unknown as FrameReader & MessageWriter;
    surviveHeaders(frames);
    readFrames(frames);
    writeFrames(frames);
    this.connection = connection;
    this.options.outage.over();
    this.block = undefined;
    connection.on('blocked', (reason) => this.tellBlocked(connection, reason));
    connection.on('unblocked', () => this.tellBlocked(connection, undefined));
    for (const { resolve } of this.waiting) resolve(connection);
    this.waiting.clear();
    this.options.onReady?.();
  }

  private tellBlocked(connection: ChannelModel, reason: string | undefined): void {
    if (this.connection !== connection) return;
    this.block = reason;
    this.options.onBlocked?.(reason);
  }

  private lost(connection: ChannelModel): void {
    this.alive.delete(connection);
    if (this.connection !== connection) return;
    this.connection = undefined;
    if (this.block !== undefined) {
      this.block = undefined;
      this.options.onBlocked?.(undefined);
    }
    this.options.onLost?.();
    if (!this.closed && !this.connecting) void this.connectAgain(false);
  }

  private drop(connection: ChannelModel): void {
    this.alive.delete(connection);
    socketOf(connection)?.destroy(new Error('dropped'));
  }

  /** Between two attempts. */
  async pause(ms = firstPauseMs): Promise<void> {
    if (this.closed) return;
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        this.wakers.delete(wake);
        timer.cancel();
        resolve();
      };
      const timer = this.options.clock.after(ms, wake);
      this.wakers.add(wake);
    });
  }
}

/** The client library has no way to drop a connection without a word, and none to write several frames at once. */
function socketOf(connection: ChannelModel): Duplex | undefined {
  return (connection.connection as { readonly stream?: Duplex }).stream;
}

function closeQuietly(channel: Channel): void {
  try {
    channel.close().catch(() => undefined);
  } catch {
    // The server has closed it.
  }
}
