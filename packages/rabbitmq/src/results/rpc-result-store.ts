import {
  CAPABILITY_MISSING,
  type Chord,
  type ChordOpening,
  type ChordPart,
  type Deadline,
  type Encoded,
  isReady,
  type Joined,
  type OpenChord,
  type Publication,
  type PutOutcome,
  type ResultListener,
  type ResultStore,
  type ResultStoreCapabilities,
  type ResultWatch,
  STORE_CLOSED,
  STORE_WARNING,
  STORE_REFUSED,
  type StoredResult,
  StoreSession,
} from '@lovage/core';
import { MessageSender } from '../broker/message-sender.js';
import type { RabbitStore } from '../rabbit-store.js';
import { HeardResults } from './heard-results.js';
import { contentOf, readReply, stateOf } from './reply-document.js';
import { ReplyQueue } from './reply-queue.js';

const stored: PutOutcome = { kind: 'stored' };
const noHeaders = {};

/**
 * Celery's `rpc://`: a result is a message to the process that has sent the task, in a queue of its own, and nobody keeps it. Only
 * that process can ask for it, as long as it runs; it keeps the latest 10,000 that it has heard of.
 */
export class RpcResultStore implements ResultStore {
  readonly capabilities: ResultStoreCapabilities = { push: true, durable: false, shared: false };
  /** Name of the queue of this process. */
  readonly replyTo: string;
  private readonly session: StoreSession<RabbitStore>;
  private readonly queue: ReplyQueue;
  private readonly sender: MessageSender;
  private readonly heard: HeardResults;
  private readonly watches = new Set<ResultWatch>();
  private opening: Promise<void> | undefined;

  constructor(private readonly store: RabbitStore) {
    this.sender = new MessageSender(store);
    this.session = new StoreSession(store, 'result store');
    this.replyTo = `lovage.reply.${store.newId()}`;
    this.heard = new HeardResults(store.clock);
    this.queue = new ReplyQueue({
      store,
      name: this.replyTo,
      onReply: (taskId, document) => this.hear(taskId, document),
    });
  }

  /** Not that of the broker: the two commit nothing together. */
  get storeId(): string {
    return `${this.store.storeId}#rpc`;
  }

  get address(): string {
    return this.store.address;
  }

  async open({ deadline }: { readonly deadline: Deadline }): Promise<void> {
    await this.session.open(deadline);
    this.opening ??= this.queue.open(deadline);
    try {
      await this.opening;
    } catch (error) {
      this.opening = undefined;
      throw error;
    }
  }

  /**
   * Sends each to whoever sent the task. A task whose sender is gone, or has said no address, has none; that is no error. Nor is a result that
   * the server does not take (too large): it would not take it later either, and the task must end.
   */
  async put(params: {
    readonly results: readonly StoredResult[];
    readonly deadline: Deadline;
  }): Promise<readonly PutOutcome[]> {
    const { results, deadline } = params;
    this.session.use('put', deadline);
    const publications = results.flatMap((result) => {
      const { replyTo, taskId } = result;
      return replyTo === undefined || replyTo === '' ? [] : [replyOf(replyTo, taskId, result.document)];
    });
    if (publications.length > 0) {
      await this.sender.send(publications, deadline).catch((error: unknown) => {
        if (!STORE_REFUSED.is(error)) throw error;
        this.store.warn(error);
      });
    }
    return results.map(() => stored);
  }

  /** What this process has heard. */
  async get(params: {
    readonly taskIds: readonly string[];
    readonly deadline: Deadline;
  }): Promise<readonly (StoredResult | undefined)[]> {
    this.session.use('get', params.deadline);
    return params.taskIds.map((taskId) => this.heard.get(taskId));
  }

  watch({ listener }: { readonly listener: ResultListener }): ResultWatch {
    this.session.requireOpen('watch');
    const ids = new Set<string>();
    const told = { tell: listener };
    let closed = false;
    const watch: ResultWatch = {
      add: async ({ taskIds, deadline }) => {
        const { address } = this;
        if (closed) throw STORE_CLOSED.create({ port: 'watch', operation: 'add', address, state: 'closed' });
        this.session.use('watch', deadline);
        for (const taskId of taskIds) {
          ids.add(taskId);
          this.heard.watch(taskId, told);
        }
        return taskIds.map((taskId) => this.heard.get(taskId));
      },
      remove: ({ taskIds }) => {
        for (const taskId of taskIds) if (ids.delete(taskId)) this.heard.unwatch(taskId, told);
      },
      close: () => {
        closed = true;
        for (const taskId of ids) this.heard.unwatch(taskId, told);
        ids.clear();
        this.watches.delete(watch);
      },
    };
    this.watches.add(watch);
    return watch;
  }

  async forget(params: { readonly taskIds: readonly string[]; readonly deadline: Deadline }): Promise<void> {
    this.session.use('forget', params.deadline);
    for (const taskId of params.taskIds) this.heard.forget(taskId);
  }

  async openChord(_params: { readonly chord: Chord; readonly deadline: Deadline }): Promise<ChordOpening> {
    throw this.cannot('chords');
  }

  async join(_params: { readonly part: ChordPart; readonly deadline: Deadline }): Promise<Joined> {
    throw this.cannot('chords');
  }

  async closeChord(_params: { readonly groupId: string; readonly deadline: Deadline }): Promise<void> {
    throw this.cannot('chords');
  }

  async openChords(_params: {
    readonly beforeMs: number;
    readonly limit: number;
    readonly deadline: Deadline;
  }): Promise<readonly OpenChord[]> {
    throw this.cannot('chords');
  }

  async putGroup(_params: {
    readonly groupId: string;
    readonly document: Encoded;
    readonly deadline: Deadline;
  }): Promise<void> {
    throw this.cannot('groups that are kept');
  }

  async getGroup(_params: {
    readonly groupId: string;
    readonly deadline: Deadline;
  }): Promise<Encoded | undefined> {
    throw this.cannot('groups that are kept');
  }

  async close({ deadline }: { readonly deadline: Deadline }): Promise<void> {
    const first = this.session.close();
    for (const watch of this.watches) watch.close();
    await this.queue.close(deadline);
    this.sender.close();
    this.heard.clear();
    if (first) await this.session.released(deadline);
  }

  /** Drops its connection and gives nothing back, as the end of the process does. */
  destroy(): void {
    this.queue.destroy();
  }

  private hear(correlationId: string | undefined, document: Buffer): void {
    const taskId = correlationId ?? readReply(document)?.taskId;
    const state = stateOf(document);
    if (taskId === undefined || state === undefined) {
      this.store.warn(
        STORE_WARNING.create({
          address: this.address,
          found: `a message in the queue of replies "${this.replyTo}" is no result, and was dropped`,
          advice: 'Only workers should send there; look for the program that does.',
        }),
      );
      return;
    }
    this.heard.hear({ taskId, state, document });
    if (isReady(state)) this.store.tellAnswered(taskId);
  }

  private cannot(capability: string): Error {
    return CAPABILITY_MISSING.create({
      driver: 'rpc',
      capability,
      instead:
        'Its results reach only the process that has sent the task. Keep results where all processes read them, such as Redis: results: "redis://…".',
    });
  }
}

function replyOf(replyTo: string, taskId: string, document: Encoded): Publication {
  return {
    message: {
      ...contentOf(document),
      headers: noHeaders,
      // As Celery: what is waited for is asked for again when it gets lost.
      properties: { correlationId: taskId, deliveryMode: 1 },
      body: document,
    },
    exchange: '',
    routingKey: replyTo,
  };
}
