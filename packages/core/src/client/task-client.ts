import type { AnySignature, Anything, ResultOf } from './canvas/signature-types.js';
import { signatureOptions } from '../canvas/option-names.js';
import { nodeOf } from '../canvas/result-node.js';
import { makeTask, readSignature } from '../canvas/signature-shape.js';
import type { Deadline } from '../clock/deadline.js';
import { UNROUTABLE } from '../errors/client-errors.js';
import type { TaskMessage } from '../message/task-message.js';
import { writeTask } from '../message/written-task.js';
import { decodeResult } from '../message/result-document.js';
import type { ResultRecord } from '../message/result-record.js';
import { resultTuples } from '../message/result-tuples.js';
import { serializerFor } from '../message/serializers.js';
import type { SignatureJson } from '../message/signature-json.js';
import { WrittenResult } from '../message/written-result.js';
import type { Publication, PublishOutcome } from '../ports/publication.js';
import type { StoredResult } from '../ports/stored-result.js';
import type { Router } from '../routing/router.js';
import type { Stores } from '../stores/stores.js';
import { mostChildren, type RunningTask, runningTask } from '../task/current-task.js';
import { arrangeArguments } from '../task/parameter-list.js';
import type { CallOptions } from '../task/task-options.js';
import type { KnownTask } from '../task/task-definition.js';
import type { TaskRegistry } from '../task/task-registry.js';
import { type Call, type CallClock, messageOf, type TaskCall } from './task-call.js';
import type { ClientSettings } from './client-settings.js';
import { ControlledSend } from './flow/controlled-send.js';
import { Signature } from './canvas/signature.js';
import { GroupResult } from './group-result.js';
import { Publisher } from './publisher.js';
import type { ResultAccess, RevokeOptions } from './result-access.js';
import { resultOfNode } from './result-of-node.js';
import { ResultHub } from './result-hub.js';
import type { RevokedTask } from './revoked-task.js';
import { type RevocationBroadcast, Revoker, type Stamps } from './revoker.js';
import { SentMarker } from '../calls/sent-marker.js';
import { Resender } from './resender.js';
import type { TaskCaller } from './task-caller.js';
import { TaskResult } from './task-result.js';
import { WorkflowSender } from './workflow-sender.js';

export interface TaskClientParts {
  readonly stores: Stores;
  readonly registry: TaskRegistry;
  readonly router: Router;
  readonly settings: ClientSettings;
  readonly newId: () => string;
  /** Tells workers of Python what is revoked. Default: nobody is told; ours read the ledger. */
  readonly broadcast?: RevocationBroadcast | undefined;
}

/**
 * Sends tasks and reads what became of them. Sends of one event-loop turn travel as one batch; a send resolves when the
 * broker has taken responsibility for its message.
 */
export class TaskClient {
  private readonly publisher: Publisher;
  private readonly hub: ResultHub;
  private readonly access: ResultAccess;
  private readonly calls: CallClock;
  private readonly controlled: ControlledSend;
  private readonly revoker: Revoker;
  private readonly workflows: WorkflowSender;
  private readonly resender: Resender;

  constructor(private readonly parts: TaskClientParts) {
    const { stores, settings } = parts;
    this.publisher = new Publisher(stores, settings.publishTimeoutMs);
    this.hub = new ResultHub(stores);
    this.calls = {
      clock: stores.clock,
      newId: parts.newId,
      origin: settings.origin,
      replyTo: stores.results?.replyTo,
    };
    this.resender = new Resender({ stores, decoding: settings, encoding: settings });
    this.revoker = new Revoker({
      stores,
      ttlMs: settings.revokeTtlMs,
      result: (taskId) => this.result(taskId),
      broadcast: parts.broadcast,
    });
    this.access = {
      clock: stores.clock,
      tracksSent: settings.trackSent && stores.results?.capabilities.shared === true,
      read: async (taskId) => await this.read(taskId),
      decode: (stored) => this.decode(stored),
      follow: (follower) => this.hub.follow(follower),
      unfollow: (follower) => this.hub.unfollow(follower),
      revoke: async (taskIds, options) => await this.revoke(taskIds, options),
      forget: async (taskIds) => await this.forget(taskIds),
      states: async (taskIds) => (await this.readAll(taskIds)).map((stored) => stored?.state),
      saveGroup: async (groupId, document) => await this.saveGroup(groupId, document),
    };
    this.controlled = new ControlledSend({
      stores,
      newId: parts.newId,
      existing: (taskId) => new TaskResult(taskId, this.access),
      revoke: async (taskId) => {
        await this.revoke(taskId);
      },
    });
    const { registry, router, newId } = parts;
    this.workflows = new WorkflowSender({
      ...settings,
      clock: stores.clock,
      stores,
      registry,
      router,
      newId,
      replyTo: stores.results?.replyTo,
      tracksSent: this.access.tracksSent,
      publisher: this.publisher,
      access: this.access,
    });
  }

  /**
   * Sends a task by its name, whatever language runs it.
   *
   * @throws LOVAGE_ARGUMENTS_INVALID when the task is known here and the arguments do not fit
   * @throws LOVAGE_VALUE_UNSERIALIZABLE, LOVAGE_MESSAGE_TOO_LARGE, LOVAGE_MESSAGE_TOO_DEEP for arguments that can not travel
   * @throws LOVAGE_UNROUTABLE when no queue is bound to its destination
   * @throws LOVAGE_PUBLISH_FAILED when the broker did not take it in time
   * @throws LOVAGE_TASK_NOT_UNIQUE when the task is unique and one with its key is there
   */
  send<T = unknown>(name: string, call: TaskCall = {}): Promise<TaskResult<T>> {
    // One promise for the whole way: this is the hot path of producers.
    return new Promise<TaskResult<T>>((resolve, reject) => {
      try {
        const definition = this.parts.registry.known(name);
        const checked = definition === undefined ? undefined : this.check(definition, call);
        if (checked === undefined) this.control(name, definition, call, resolve, reject);
        else checked.then(() => this.control(name, definition, call, resolve, reject)).catch(reject);
      } catch (error) {
        // reason: what the encoder or a validator throws is handed on as it is.
        // oxlint-disable-next-line prefer-promise-reject-errors
        reject(error);
      }
    });
  }

  /** A handle on a task that was sent before, by whomever. */
  result<T = unknown>(taskId: string): TaskResult<T> {
    return new TaskResult<T>(taskId, this.access);
  }

  /**
   * Revokes tasks: a durable fact that holds for queued and delayed ones and for workers that start later. Resolves when
   * it is recorded, with what is known of each; the task is REVOKED when its message comes up. Python workers are told, too.
   */
  async revoke(
    taskIds: string | readonly string[],
    options: RevokeOptions = {},
  ): Promise<readonly RevokedTask[]> {
    return await this.revoker.revoke(typeof taskIds === 'string' ? [taskIds] : taskIds, options);
  }

  /** Revokes all tasks that carry one of these stamps, those that are sent later included. Resolves when it is recorded. */
  async revokeByStampedHeaders(stamps: Stamps, options: RevokeOptions = {}): Promise<void> {
    await this.revoker.revokeByStamps(stamps, options);
  }

  /** A signature by the name of its task, whatever language runs it; or one from its JSON form. */
  signature<Out = unknown, In extends Anything = Anything>(
    task: string | SignatureJson,
    call: TaskCall & { readonly immutable?: boolean } = {},
  ): Signature<Out, In> {
    if (typeof task !== 'string') return new Signature(readSignature(task), this.workflows);
    const { args, kwargs, immutable, ...options } = call;
    return new Signature(makeTask(task, args, kwargs, signatureOptions(options), immutable), this.workflows);
  }

  /** Sends a signature that was made without this client; else as its `applyAsync`. */
  async apply<S extends AnySignature>(signature: S, options: CallOptions = {}): Promise<ResultOf<S>> {
    return (await this.workflows.send(signature.toJSON(), [], signatureOptions(options))) as ResultOf<S>;
  }

  /** A group that was saved before, by whomever; `undefined`: it was not, or has expired. */
  async restoreGroup<Values extends readonly unknown[] = readonly unknown[]>(
    groupId: string,
  ): Promise<GroupResult<Values> | undefined> {
    const { stores, settings } = this.parts;
    if (!stores.opened) await stores.open();
    const document = await stores.results?.getGroup({ groupId, deadline: stores.deadline() });
    if (document === undefined) return undefined;
    const json = serializerFor('json').deserialize(document, { limits: settings.limits, identity: {} });
    const [tuple] = resultTuples([(json as { readonly result?: unknown }).result]);
    const result = tuple === undefined ? undefined : resultOfNode(nodeOf(tuple), this.access);
    return result instanceof GroupResult ? (result as GroupResult<Values>) : undefined;
  }

  /**
   * Sends the parked message of a task again: to its queue, under its id, as if it had not been tried yet. Its state stays what it was
   * until it ends anew.
   *
   * @param queue from which it was parked; default: the default queue
   * @returns whether there was one
   */
  async resend(taskId: string, { queue }: { readonly queue?: string | undefined } = {}): Promise<boolean> {
    return await this.resender.resend(taskId, queue ?? this.parts.settings.defaultQueue);
  }

  /** Drops the parked message of a task for ever; otherwise as `resend`. */
  async dropParked(
    taskId: string,
    { queue }: { readonly queue?: string | undefined } = {},
  ): Promise<boolean> {
    return await this.resender.drop(taskId, queue ?? this.parts.settings.defaultQueue);
  }

  /** A task as callers see it; `Args` and `Value` are the caller's promise, nothing checks them here. */
  caller<Args extends readonly unknown[], Value>(name: string): TaskCaller<Args, Value> {
    return {
      name,
      delay: (...args) => this.send<Value>(name, { args }),
      applyAsync: (args, options) => this.send<Value>(name, { ...options, args }),
      s: (...args) => new Signature(makeTask(name, args), this.workflows),
      si: (...args) => new Signature(makeTask(name, args, {}, {}, true), this.workflows),
      signature: (args, { kwargs, ...options } = {}) =>
        new Signature(makeTask(name, args, kwargs, signatureOptions(options)), this.workflows),
    };
  }

  /** Lets what was sent leave, ends all waiting, and refuses what comes later. */
  async stop(deadline: Deadline): Promise<void> {
    await deadline.within(this.publisher.drained());
    this.hub.stop();
  }

  /**
   * Checks a call and makes its message, and does nothing else: for who keeps it to send it later.
   *
   * @throws what `send` throws before anything leaves
   */
  async compose(name: string, call: TaskCall): Promise<Publication> {
    const definition = this.parts.registry.known(name);
    if (definition !== undefined) await this.check(definition, call);
    return this.publicationOf(name, definition, call, undefined).publication;
  }

  /**
   * Makes the message of a call and declares its queue, as `send` does, and sends nothing: for those who send it
   * together with something else, such as the record of a tick.
   *
   * @throws what `send` throws before anything leaves
   */
  async prepare(name: string, call: TaskCall): Promise<Publication> {
    const publication = await this.compose(name, call);
    const { stores } = this.parts;
    if (this.mustDeclare(publication)) {
      if (!stores.opened) await stores.open();
      await stores.declareQueue(publication.routingKey);
    }
    return publication;
  }

  /** Calls with nothing to control go straight on. */
  private control<T>(
    name: string,
    definition: KnownTask | undefined,
    call: TaskCall,
    resolve: (result: TaskResult<T>) => void,
    reject: (error: unknown) => void,
  ): void {
    const plan = this.controlled.planOf(definition, call);
    if (plan === undefined) {
      this.dispatch(name, definition, call, resolve, reject);
      return;
    }
    this.controlled
      .send(
        name,
        plan,
        call,
        async (one) =>
          await new Promise<TaskResult>((sent, refused) =>
            this.dispatch(name, definition, one, sent, refused),
          ),
      )
      .then((result) => resolve(result as TaskResult<T>), reject);
  }

  /**
   * Hands over a message that `prepare` has made, with the retries of `send`.
   *
   * @throws LOVAGE_PUBLISH_FAILED
   */
  async publish(publication: Publication): Promise<PublishOutcome> {
    return await new Promise<PublishOutcome>((resolve, reject) => {
      this.publisher.push(publication, (outcome, error) => {
        if (outcome === undefined) reject(error instanceof Error ? error : new Error(String(error)));
        else resolve(outcome);
      });
    });
  }

  private dispatch<T>(
    name: string,
    definition: KnownTask | undefined,
    call: TaskCall,
    resolve: (result: TaskResult<T>) => void,
    reject: (error: unknown) => void,
  ): void {
    const running = runningTask();
    const { publication, message } = this.publicationOf(name, definition, call, running);
    const { exchange, routingKey } = publication;
    const published = (outcome: PublishOutcome | undefined, error: unknown): void => {
      if (error !== undefined) reject(error);
      else if (outcome?.kind === 'unroutable') {
        reject(UNROUTABLE.create({ taskName: name, taskId: message.id, exchange, routingKey }));
      } else {
        if (running !== undefined && running.children.length < mostChildren)
          running.children.push(message.id);
        resolve(
          message.ignoreResult === true
            ? new TaskResult<T>(message.id, this.access, { ignoredTask: name })
            : new TaskResult<T>(message.id, this.access),
        );
      }
    };
    if (!this.mustDeclare(publication)) {
      this.publisher.push(publication, published);
    } else {
      const { stores } = this.parts;
      stores
        .open()
        .then(async () => await stores.declareQueue(routingKey))
        .then(() => this.publisher.push(publication, published))
        .catch(reject);
    }
  }

  private publicationOf(
    name: string,
    definition: KnownTask | undefined,
    call: TaskCall,
    running: RunningTask | undefined,
  ): { readonly publication: Publication; readonly message: TaskMessage } {
    const { router, settings } = this.parts;
    const destination = router.route(
      { task: name, args: call.args ?? [], kwargs: call.kwargs ?? {} },
      call,
      definition?.options,
    );
    const { message, notBefore }: Call = messageOf(
      name,
      call,
      definition?.options,
      destination.priority,
      this.calls,
      running,
    );
    const publication: Publication = {
      message: writeTask(message, {
        serializer: call.serializer ?? definition?.options.serializer ?? settings.serializer,
        compression: call.compression ?? definition?.options.compression ?? settings.compression,
        limits: settings.limits,
      }),
      exchange: destination.exchange,
      routingKey: destination.routingKey,
      notBefore,
      sent:
        this.access.tracksSent && message.ignoreResult !== true
          ? new SentMarker(message.id, settings.resultTtlMs)
          : undefined,
    };
    return { publication, message };
  }

  private mustDeclare({ exchange, routingKey }: Publication): boolean {
    const { settings, stores } = this.parts;
    return exchange === '' && settings.createMissingQueues && !stores.declared(routingKey);
  }

  /** @returns a promise where the check needs one */
  private check(definition: KnownTask, call: TaskCall): Promise<unknown> | undefined {
    const { parameters, validate, name } = definition;
    if (parameters === undefined && validate === undefined) return undefined;
    const arranged = arrangeArguments(name, parameters, call.args ?? [], call.kwargs ?? {});
    const checked = validate?.(arranged);
    return checked instanceof Promise ? checked : undefined;
  }

  private async readAll(taskIds: readonly string[]): Promise<readonly (StoredResult | undefined)[]> {
    const { stores } = this.parts;
    if (!stores.opened) await stores.open();
    return (
      (await stores.results?.get({ taskIds, deadline: stores.deadline() })) ?? taskIds.map(() => undefined)
    );
  }

  private async saveGroup(groupId: string, document: string): Promise<void> {
    const { stores, settings } = this.parts;
    if (!stores.opened) await stores.open();
    const ttlMs = settings.resultTtlMs;
    await stores.results?.putGroup({ groupId, document, ttlMs, deadline: stores.deadline() });
  }

  private async read(taskId: string): Promise<StoredResult | undefined> {
    const { stores } = this.parts;
    if (!stores.opened) await stores.open();
    return (await stores.results?.get({ taskIds: [taskId], deadline: stores.deadline() }))?.[0];
  }

  private decode(stored: StoredResult): ResultRecord {
    // In a store of this process it may be the record itself that our worker has written.
    return stored instanceof WrittenResult
      ? stored.read(this.parts.settings)
      : decodeResult(stored.document, this.parts.settings);
  }

  private async forget(taskIds: readonly string[]): Promise<void> {
    const { stores } = this.parts;
    if (!stores.opened) await stores.open();
    await stores.results?.forget({ taskIds, deadline: stores.deadline() });
  }
}
