import { Redis, type RedisOptions } from 'ioredis';
import {
  type Clock,
  Deadline,
  LovageError,
  type OutageWatch,
  STORE_UNREACHABLE,
  type Timer,
} from '@lovage/core';
import { askMs, findMaster } from './find-master.js';
import { Conversation } from './conversation.js';
import { failureKind, NoAnswer, refusal, textOf } from './redis-failure.js';
import type { RedisTarget } from './redis-target.js';

export interface RedisLinkOptions {
  readonly target: RedisTarget;
  readonly clock: Clock;
  /** Told which attempts to connect fail, and when one succeeds. */
  readonly outage?: OutageWatch;
  /** What it is for; seen in CLIENT LIST. */
  readonly role: string;
  /** 2 where the connection only listens to redirected messages. Default 3: commands and subscriptions on one connection. */
  readonly protocol?: 2 | 3;
  /** Brings every new connection into its state, such as its subscriptions, before anybody uses it. */
  readonly prepare?: (redis: Redis) => Promise<void>;
  /** The connection was lost; a new one is being made. */
  readonly onLost?: () => void;
  /** Asks the server for a sign of life. Default CLIENT ID, which a connection that only listens can not ask. */
  readonly probe?: (redis: Redis) => Promise<unknown>;
}

/** Longest time without any answer, while one is owed, before a connection counts as dead. */
const attemptMs = 5000;
const connectMs = 5000;
/** A connection on which nobody has asked anything for so long is asked for a sign of life. */
const heartbeatMs = 10_000;
/** Timers may ring a little before their time. */
const timerSlackMs = 50;
/** Pauses between attempts to connect. */
const firstPauseMs = 20;
const longestPauseMs = 1000;

interface Waiter {
  readonly resolve: (redis: Redis) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * One connection to Redis that heals itself.
 *
 * IDLE        nothing was asked of it.
 * CONNECTING  tries again and again, with growing pauses; calls wait, each until its deadline.
 * READY       calls are sent at once. A lost connection, or one that does not answer, leads to CONNECTING. One that only
 *             listens is asked now and then: the other side may have vanished without a word.
 * CLOSED      terminal.
 *
 * Calls are repeated after a lost connection, since nobody knows whether the server has done them: whoever calls must be able
 * to say the same twice.
 */
export class RedisLink {
  private redis: Redis | undefined;
  private connecting = false;
  private closed = false;
  private failure: unknown;
  private waiting = new Set<Waiter>();
  /** End the pauses under way. */
  private readonly wakers = new Set<() => void>();
  /** Connections that are not gone yet. */
  private readonly alive = new Map<Redis, Conversation>();
  /** While there is no connection that keeps the process alive: an outage must not end a worker that waits for nothing else. */
  private hold: NodeJS.Timeout | undefined;
  private heartbeat: Timer | undefined;

  constructor(private readonly options: RedisLinkOptions) {}

  get address(): string {
    return this.options.target.address;
  }

  /** The connection, while there is one. */
  get current(): Redis | undefined {
    return this.redis;
  }

  /** @throws LOVAGE_STORE_UNREACHABLE; LOVAGE_STORE_REFUSED at once where the server refuses us */
  async open(deadline: Deadline): Promise<void> {
    await this.ready('connect', deadline, { impatient: true });
  }

  /**
   * Does something with the connection, again and again until it is answered or the deadline has passed.
   *
   * @throws LOVAGE_STORE_UNREACHABLE, LOVAGE_STORE_REFUSED
   */
  async call<T>(operation: string, deadline: Deadline, issue: (redis: Redis) => Promise<T>): Promise<T> {
    let before: unknown;
    for (;;) {
      const redis = this.redis ?? (await this.ready(operation, deadline, { before }));
      try {
        return await this.attempt(redis, deadline, issue);
      } catch (error) {
        if (error instanceof LovageError) throw error;
        // At the end of its time a call is cut short, which is not why it failed.
        if (before === undefined || !(error instanceof NoAnswer)) before = error;
        const kind = failureKind(error);
        if (kind === 'refused') throw refusal(this.address, operation, error);
        // A call with little time left says nothing about the connection that it shares with others.
        if (kind !== 'busy' && !(error instanceof NoAnswer && this.speaks(redis))) this.drop(redis);
        if (deadline.passed || this.closed) throw this.unreachable(operation, before);
        await this.pause(firstPauseMs);
      }
    }
  }

  /** Ends the connection; calls under way fail. Twice is legal. */
  close(): void {
    this.closed = true;
    this.redis = undefined;
    clearInterval(this.hold);
    this.heartbeat?.cancel();
    for (const redis of this.alive.keys()) redis.disconnect();
    this.alive.clear();
    for (const wake of this.wakers) wake();
    for (const { reject } of this.waiting) reject(this.unreachable('connect', 'it was closed'));
    this.waiting.clear();
  }

  /** What is said in one turn leaves as one packet: each command is a write of its own otherwise. */
  private gather({ stream }: Redis): void {
    if (stream.writableCorked > 0) return;
    stream.cork();
    process.nextTick(() => stream.uncork());
  }

  private async attempt<T>(
    redis: Redis,
    deadline: Deadline,
    issue: (redis: Redis) => Promise<T>,
  ): Promise<T> {
    const leftMs = deadline.leftMs();
    const { clock } = this.options;
    const conversation = this.alive.get(redis);
    conversation?.asked();
    this.gather(redis);
    return await new Promise<T>((resolve, reject) => {
      const timer = clock.after(Math.max(1, Math.min(attemptMs, leftMs)), () =>
        reject(new NoAnswer('no answer')),
      );
      issue(redis).then(
        (value) => {
          timer.cancel();
          conversation?.answered();
          resolve(value);
        },
        (error: unknown) => {
          timer.cancel();
          conversation?.answered();
          // reason: what the client throws is looked at by the caller of this method.
          // oxlint-disable-next-line prefer-promise-reject-errors
          reject(error);
        },
      );
    });
  }

  /**
   * @param impatient whether a server that refuses us ends the first attempt
   * @param before why the connection that was there did not do
   */
  private async ready(
    operation: string,
    deadline: Deadline,
    { impatient = false, before }: { readonly impatient?: boolean; readonly before?: unknown },
  ): Promise<Redis> {
    if (this.closed) throw this.unreachable(operation, 'it was closed');
    if (this.redis !== undefined) return this.redis;
    let waiter: Waiter | undefined;
    const waited = new Promise<Redis>((resolve, reject) => {
      waiter = { resolve, reject };
      this.waiting.add(waiter);
    });
    if (!this.connecting) void this.connect(impatient);
    try {
      return await deadline.race(waited, () =>
        this.unreachable(operation, this.failure ?? before ?? 'no connection'),
      );
    } finally {
      if (waiter !== undefined) this.waiting.delete(waiter);
    }
  }

  /** @param impatient whether a server that refuses us ends the first attempt */
  private async connect(impatient: boolean): Promise<void> {
    this.connecting = true;
    this.hold = setInterval(() => undefined, longestPauseMs);
    for (let pauseMs = firstPauseMs; !this.closed; pauseMs = Math.min(longestPauseMs, pauseMs * 2)) {
      try {
        this.adopt(await this.attach());
        this.endConnecting();
        return;
      } catch (error) {
        this.failure = error;
        if (impatient && failureKind(error) === 'refused') {
          const refused = refusal(this.address, 'connect', error);
          for (const { reject } of this.waiting) reject(refused);
          this.waiting.clear();
          break;
        }
        this.options.outage?.failed(textOf(error));
        await this.pause(pauseMs);
      }
    }
    this.endConnecting();
  }

  private endConnecting(): void {
    this.connecting = false;
    clearInterval(this.hold);
  }

  /** A new connection, ready to be used. */
  private async attach(): Promise<Redis> {
    const { target, role, protocol = 3, prepare } = this.options;
    const options: RedisOptions = {
      ...target.options,
      lazyConnect: true,
      // It would be one more permission, and nobody reads it.
      disableClientInfo: true,
      protocol,
      connectionName: `lovage-${role}`,
      connectTimeout: connectMs,
      disconnectTimeout: 1,
      keepAlive: 10_000,
      // We supervise, so that every call knows what became of it: ioredis would send commands a second time by itself.
      retryStrategy: () => null,
      sentinelRetryStrategy: () => null,
      // One that hangs must not keep us from asking the next.
      sentinelCommandTimeout: askMs,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      autoResubscribe: false,
      maxRetriesPerRequest: null,
      // A server that reads its file is asked again after so many milliseconds; ioredis would wait for a second at least.
      maxLoadingRetryTime: 50,
    };
    const place = await findMaster(target, options, this.options.clock);
    if (this.closed) throw new NoAnswer('it was closed');
    const redis = new Redis({ ...options, ...place, replyMapping: 'legacy' });
    this.alive.set(redis, new Conversation(this.options.clock));
    let failure: unknown;
    redis.on('error', (error: unknown) => {
      failure = error;
    });
    redis.on('close', () => {
      this.alive.delete(redis);
      this.drop(redis);
    });
    try {
      await this.inTime(redis.connect());
      // The client has sent SELECT, but goes on in database 0 when the server refuses it.
      const { db = 0 } = target.options;
      if (db !== 0) await this.inTime(redis.select(db));
      if (prepare !== undefined) await this.inTime(prepare(redis));
    } catch (error) {
      redis.disconnect();
      throw failure ?? error;
    }
    if (this.closed) {
      redis.disconnect();
      throw new NoAnswer('it was closed');
    }
    return redis;
  }

  private async inTime<T>(work: Promise<T>): Promise<T> {
    return await new Promise<T>((resolve, reject) => {
      const timer = this.options.clock.after(connectMs, () => reject(new NoAnswer('no answer')));
      work.then(resolve, reject).finally(() => timer.cancel());
    });
  }

  private adopt(redis: Redis): void {
    if (redis.status !== 'ready') throw new NoAnswer('the connection was lost at once');
    this.redis = redis;
    this.failure = undefined;
    this.options.outage?.over();
    const waiting = [...this.waiting];
    this.waiting.clear();
    for (const { resolve } of waiting) resolve(redis);
    this.listenForHeartbeat(redis);
  }

  private listenForHeartbeat(redis: Redis): void {
    const { clock, probe = async (one: Redis) => await one.client('ID') } = this.options;
    this.heartbeat?.cancel();
    this.heartbeat = clock.after(heartbeatMs, () => {
      if (this.redis !== redis) return;
      const quietMs = this.alive.get(redis)?.quietMs() ?? 0;
      const answered =
        quietMs < heartbeatMs
          ? Promise.resolve()
          : this.attempt(redis, Deadline.in(clock, attemptMs), async (one) => await probe(one));
      answered
        .catch((error: unknown) => {
          // An answer of any kind is a sign of life.
          if (error instanceof NoAnswer && !this.speaks(redis)) this.drop(redis);
        })
        .finally(() => {
          if (this.redis === redis && !this.closed) this.listenForHeartbeat(redis);
        });
    });
  }

  /** Whether a connection has answered something lately, or owes nothing for long. */
  private speaks(redis: Redis): boolean {
    return (this.alive.get(redis)?.silentMs() ?? Number.POSITIVE_INFINITY) < attemptMs - timerSlackMs;
  }

  private drop(redis: Redis): void {
    // Once, though each call under way finds it lost.
    if (this.alive.delete(redis)) redis.disconnect();
    if (this.redis !== redis) return;
    this.redis = undefined;
    this.heartbeat?.cancel();
    this.options.onLost?.();
    if (!this.closed && !this.connecting) void this.connect(false);
  }

  private async pause(ms: number): Promise<void> {
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

  private unreachable(operation: string, problem: unknown): Error {
    return STORE_UNREACHABLE.create(
      { address: this.address, operation, problem: textOf(problem) },
      typeof problem === 'string' ? undefined : problem,
    );
  }
}
