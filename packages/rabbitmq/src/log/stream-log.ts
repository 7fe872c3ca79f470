import type { Channel, ConsumeMessage } from 'amqplib';
import { Deadline, STORE_WARNING, type Timer } from '@lovage/core';
import { failureKind, refusal, textOf } from '../connection/amqp-failure.js';
import type { AmqpLink } from '../connection/amqp-link.js';
import type { RabbitStore } from '../rabbit-store.js';
import { declareLog } from './declare-log.js';

/** Entries on their way to us. */
const prefetch = 1000;
const subscribeMs = 30_000;
const pauseMs = 200;
const otherQueue = /inequivalent arg|exclusive/i;
/** Said of a stream that is just being made by somebody else, or comes back after a restart. */
const stillMade = /does not have a replica/i;

export interface StreamLogOptions {
  readonly store: RabbitStore;
  /** Of the stream, in its virtual host. */
  readonly name: string;
  /** Which it keeps, about: who opens it later reads all of it first. */
  readonly mostBytes: number;
  /** Names the connection. */
  readonly role: string;
  /** Where to read from; `undefined`: from the oldest entry that is left. */
  readonly from: () => number | undefined;
  readonly onEntry: (offset: number, message: ConsumeMessage) => void;
  /** It is read (again); what was appended before may have got lost. */
  readonly onReading: () => void;
  /** It can not be read, and trying again will not help. */
  readonly onRefused: (error: Error) => void;
}

/**
 * An append-only log in a stream of RabbitMQ, which every process reads whole and in one order.
 *
 * CLOSED   before `open` and after `close`.
 * WAITING  no channel; one is made as soon as there is a connection.
 * READING  appends and reads on one channel. When that ends, for whatever reason: WAITING.
 */
export class StreamLog {
  private readonly link: AmqpLink;
  private channel: Channel | undefined;
  private subscribing = false;
  private closed = false;
  /** The latest entry of this turn. */
  private last: ConsumeMessage | undefined;
  private retry: Timer | undefined;

  constructor(private readonly options: StreamLogOptions) {
    this.link = options.store.newLink(options.role, {
      onReady: () => void this.subscribe(),
      onLost: () => this.lose(this.channel),
    });
  }

  /** Whether what is appended now comes back, unless the connection is lost. */
  get reads(): boolean {
    return this.channel !== undefined;
  }

  /** Connects; the first entries come some time after that. */
  async open(deadline: Deadline): Promise<void> {
    await this.link.open(deadline);
  }

  /** Sends an entry where there is a channel; else, and when it gets lost, it is for `onReading` to repeat it. */
  append(entry: Buffer): void {
    try {
      this.channel?.publish('', this.options.name, entry, { persistent: true });
    } catch {
      // The channel has just ended, and is told to have.
    }
  }

  async close(deadline: Deadline): Promise<void> {
    this.end();
    await this.link.close(deadline);
  }

  /** Drops the connection without a word, as the end of the process does. */
  destroy(): void {
    this.end();
    this.link.destroy();
  }

  private end(): void {
    this.closed = true;
    this.channel = undefined;
    this.retry?.cancel();
  }

  private async subscribe(): Promise<void> {
    const connection = this.link.current;
    if (this.closed || this.subscribing || this.channel !== undefined || connection === undefined) return;
    this.subscribing = true;
    const { clock } = this.options.store;
    const deadline = Deadline.in(clock, subscribeMs);
    let channel: Channel | undefined;
    try {
      channel = await deadline.race(connection.createChannel(), () => new Error('no channel in time'));
      const opened = channel;
      let reason: unknown;
      opened.on('error', (error) => {
        reason = error;
      });
      opened.on('close', () => this.lose(opened, reason));
      await deadline.race(this.read(opened), () => new Error('no answer in time'));
      this.subscribing = false;
      // It may have ended meanwhile.
      if (this.closed) return;
      if (this.link.current !== connection) {
        this.again();
        return;
      }
      this.channel = opened;
      this.options.onReading();
    } catch (error) {
      this.subscribing = false;
      if (this.closed) return;
      channel?.close().catch(() => undefined);
      this.failed(error);
    }
  }

  private async read(channel: Channel): Promise<void> {
    const { name, mostBytes, from } = this.options;
    await declareLog(channel, name, mostBytes);
    await channel.prefetch(prefetch);
    this.last = undefined;
    await channel.consume(name, (message) => this.take(channel, message), {
      arguments: { 'x-stream-offset': from() ?? 'first' },
    });
  }

  private take(channel: Channel, message: ConsumeMessage | null): void {
    if (this.closed) return;
    if (message === null) {
      // The stream was deleted, or moves to another node.
      this.warn(
        'was taken away',
        'It is declared and read again; if somebody has deleted it, what stood in it is forgotten.',
      );
      channel.close().catch(() => undefined);
      this.lose(channel);
      return;
    }
    const offset = Number(message.properties.headers?.['x-stream-offset']);
    if (this.last === undefined) this.options.store.clock.endOfTurn(() => this.acknowledge(channel));
    this.last = message;
    this.options.onEntry(offset, message);
  }

  /** A stream keeps everything: this only asks for more. */
  private acknowledge(channel: Channel): void {
    const { last } = this;
    this.last = undefined;
    if (last === undefined || this.closed) return;
    try {
      channel.ack(last, true);
    } catch {
      // The channel has just ended, and with it what was to be acknowledged.
    }
  }

  /** @param reason what the server said, where it has closed the channel for what was appended */
  private lose(channel: Channel | undefined, reason?: unknown): void {
    if (channel === undefined || this.channel !== channel) return;
    this.channel = undefined;
    if (failureKind(reason) === 'refused') this.failed(reason);
    else this.again();
  }

  private failed(error: unknown): void {
    const kind = failureKind(error);
    const { store, name } = this.options;
    if (kind === 'refused' || (kind === 'conflict' && otherQueue.test(textOf(error)))) {
      const refused = refusal(store.address, `use of the stream "${name}"`, error);
      store.warn(refused);
      this.options.onRefused(refused);
    } else if (!stillMade.test(textOf(error))) {
      this.warn(
        `can not be read: ${textOf(error)}`,
        'It is tried again and again; see the log of the server.',
      );
    }
    this.again();
  }

  private warn(problem: string, advice: string): void {
    const { store, name } = this.options;
    const { address } = store;
    store.warn(STORE_WARNING.create({ address, found: `the stream "${name}" ${problem}`, advice }));
  }

  private again(): void {
    if (this.closed) return;
    this.retry?.cancel();
    this.retry = this.options.store.clock.after(pauseMs, () => void this.subscribe());
  }
}
