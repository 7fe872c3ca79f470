import type { ConfirmChannel, ConsumeMessage } from 'amqplib';
import type { Deadline } from '@lovage/core';
import { ChannelKeeper } from '../connection/channel-keeper.js';
import { Waiters } from '../connection/waiters.js';
import { declareLog } from '../log/declare-log.js';
import { StreamLog } from '../log/stream-log.js';
import type { RabbitStore } from '../rabbit-store.js';
import { CountBook, type CountOperation, type KnownDeliveries } from './count-book.js';
import { countLogName, readCountEntry, writeCountEntry } from './count-entry.js';

/**
 * Notes are read one by one, ten thousand a second at best, and a message that came back waits until all of them are: so there are few.
 * Those on messages of which nothing has been heard for long get lost.
 */
const mostBytes = 1_000_000;

/** For each operation, what it has to tell. */
type Answers = readonly (KnownDeliveries | undefined)[];

/**
 * Notes on deliveries, in a stream that everybody reads who has to know them. It is written on the connection for publishing, and read
 * on one of its own, which is made with the first question: where no message comes back there is none.
 */
export class CountLog {
  private readonly keeper: ChannelKeeper;
  private readonly author: string;
  private readonly book = new CountBook();
  private declared: { readonly on: ConfirmChannel; readonly done: Promise<void> } | undefined;
  /** Why the server has closed the channel for writing. */
  private closeReason: Error | undefined;
  private sequence = 0;
  private reader: StreamLog | undefined;
  private readonly readerReads = new Waiters();
  /** Why it can not be read. */
  private refused: Error | undefined;
  private nextOffset: number | undefined;
  /** Everything that stood in the stream has been read. */
  private caughtUp: Promise<void> | undefined;
  private closed = false;
  /** Entries with questions that have not come back. */
  private readonly asked = new Map<number, (answers: Answers) => void>();

  constructor(private readonly store: RabbitStore) {
    this.author = store.newId();
    this.keeper = new ChannelKeeper({
      link: store.publishing,
      onClosed: (_channel, reason) => {
        this.closeReason = reason;
      },
    });
  }

  /** Resolves when the stream has the notes. @throws LOVAGE_STORE_UNREACHABLE, and what the server says against it */
  async note(operations: readonly CountOperation[], deadline: Deadline): Promise<void> {
    await this.write(this.nextSequence(), operations, deadline);
  }

  /** Resolves when the notes have come back, with what was known before each. @throws as `note` does */
  async ask(operations: readonly CountOperation[], deadline: Deadline): Promise<Answers> {
    await this.untilReading(deadline);
    // Notes that say that somebody has a message must not be there for as long as it takes to read all others.
    this.caughtUp ??= this.catchUp(deadline);
    await this.caughtUp;
    return await this.exchange(operations, deadline);
  }

  private async catchUp(deadline: Deadline): Promise<void> {
    try {
      await this.exchange([], deadline);
    } catch (error) {
      this.caughtUp = undefined;
      throw error;
    }
  }

  private async exchange(operations: readonly CountOperation[], deadline: Deadline): Promise<Answers> {
    const sequence = this.nextSequence();
    const answers = new Promise<Answers>((resolve) => this.asked.set(sequence, resolve));
    try {
      await this.write(sequence, operations, deadline);
      return await deadline.race(answers, () => this.late());
    } finally {
      this.asked.delete(sequence);
    }
  }

  async close(deadline: Deadline): Promise<void> {
    this.end();
    await this.reader?.close(deadline);
  }

  /** Drops its connection without a word. */
  destroy(): void {
    this.end();
    this.reader?.destroy();
  }

  private end(): void {
    this.closed = true;
    this.readerReads.wakeAll();
  }

  /** What is written before somebody reads would be asked in vain. */
  private async untilReading(deadline: Deadline): Promise<void> {
    if (this.closed) throw this.late();
    this.reader ??= this.newReader(deadline);
    if (!this.reader.reads && this.refused === undefined) await this.readerReads.wait(deadline);
    if (!this.reader.reads) throw this.refused ?? this.late();
  }

  private newReader(deadline: Deadline): StreamLog {
    const { store } = this;
    const reader = new StreamLog({
      store,
      name: countLogName,
      mostBytes,
      role: 'deliveries',
      from: () => this.nextOffset,
      onEntry: (offset, message) => this.take(offset, message),
      onReading: () => this.begun(undefined),
      onRefused: (refused) => this.begun(refused),
    });
    reader.open(deadline).catch((error: unknown) => store.warn(error));
    return reader;
  }

  private begun(refused: Error | undefined): void {
    this.refused = refused;
    this.readerReads.wakeAll();
  }

  private take(offset: number, message: ConsumeMessage): void {
    // A subscription may begin a little earlier than asked.
    if (this.nextOffset !== undefined && offset < this.nextOffset) return;
    this.nextOffset = offset + 1;
    const entry = readCountEntry(message.content);
    if (entry === undefined) return;
    const answers = entry.operations.map((operation) => this.book.apply(operation));
    if (entry.author === this.author) this.asked.get(entry.sequence)?.(answers);
  }

  private nextSequence(): number {
    this.sequence += 1;
    return this.sequence;
  }

  private async write(
    sequence: number,
    operations: readonly CountOperation[],
    deadline: Deadline,
  ): Promise<void> {
    const entry = writeCountEntry({ author: this.author, sequence, operations });
    const channel = await this.keeper.use('count deliveries', deadline);
    try {
      await deadline.race(this.append(channel, entry), () => this.late());
    } catch (error) {
      // The client library tells the one who waits only that his channel has ended.
      throw this.keeper.current === channel ? error : (this.closeReason ?? error);
    }
  }

  private async append(channel: ConfirmChannel, entry: Buffer): Promise<void> {
    if (this.declared?.on !== channel)
      this.declared = { on: channel, done: declareLog(channel, countLogName, mostBytes) };
    await this.declared.done;
    await new Promise<void>((resolve, reject) => {
      channel.sendToQueue(countLogName, entry, { persistent: true }, (error: unknown) => {
        if (error === null || error === undefined) resolve();
        else reject(error instanceof Error ? error : new Error('the broker refused a note'));
      });
    });
  }

  private late(): Error {
    const link = this.store.publishing;
    return link.unreachable('count deliveries', link.blocked ?? 'no answer');
  }
}
