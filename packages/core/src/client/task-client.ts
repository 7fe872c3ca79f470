import type { AnySignature, Anything, ResultOf } from './canvas/signature-types.js';
import { signatureOptions } from '../canvas/option-names.js';
import { nodeOf } from '../canvas/result-node.js';
import { makeTask, readSignature } from '../canvas/signature-shape.js';
import type { Deadline } from '../clock/deadline.js';
import { resultTuples } from '../message/result-tuples.js';
import type { SignatureJson } from '../message/signature-json.js';
import type { Publication, PublishOutcome } from '../ports/publication.js';
import type { Router } from '../routing/router.js';
import type { Stores } from '../stores/stores.js';
import type { CallOptions } from '../task/task-options.js';
import type { TaskRegistry } from '../task/task-registry.js';
import type { TaskCall } from './task-call.js';
import { CallSender } from './call-sender.js';
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
import { Resender } from './resender.js';
import { StoredResults } from './stored-results.js';
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
  private readonly stored: StoredResults;
  private readonly access: ResultAccess;
  private readonly sender: CallSender;
  private readonly revoker: Revoker;
  private readonly workflows: WorkflowSender;
  private readonly resender: Resender;

  constructor(private readonly parts: TaskClientParts) {
    const { stores, registry, router, settings, newId } = parts;
    const replyTo = stores.results?.replyTo;
    this.publisher = new Publisher(stores, settings.publishTimeoutMs);
    this.hub = new ResultHub(stores);
    this.stored = new StoredResults(stores, settings);
    this.resender = new Resender({ stores, decoding: settings, encoding: settings });
    this.revoker = new Revoker({
      stores,
      ttlMs: settings.revokeTtlMs,
      result: (taskId) => this.result(taskId),
      broadcast: parts.broadcast,
    });
    this.access = this.resultAccess();
    const common = { stores, registry, router, publisher: this.publisher, access: this.access };
    this.sender = new CallSender({
      ...common,
      settings,
      calls: { clock: stores.clock, newId, origin: settings.origin, replyTo },
      controlled: new ControlledSend({
        stores,
        newId,
        existing: (taskId) => new TaskResult(taskId, this.access),
        revoke: async (taskId) => {
          await this.revoke(taskId);
        },
      }),
    });
    this.workflows = new WorkflowSender({
      ...settings,
      ...common,
      clock: stores.clock,
      newId,
      replyTo,
      tracksSent: this.access.tracksSent,
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
    return this.sender.send<T>(name, call);
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
    const found = await this.stored.readGroup(groupId);
    if (found === undefined) return undefined;
    const [tuple] = resultTuples([found.value]);
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
    return await this.sender.compose(name, call);
  }

  /**
   * Makes the message of a call and declares its queue, as `send` does, and sends nothing: for those who send it
   * together with something else, such as the record of a tick.
   *
   * @throws what `send` throws before anything leaves
   */
  async prepare(name: string, call: TaskCall): Promise<Publication> {
    return await this.sender.prepare(name, call);
  }

  /**
   * Hands over a message that `prepare` has made, with the retries of `send`.
   *
   * @throws LOVAGE_PUBLISH_FAILED
   */
  async publish(publication: Publication): Promise<PublishOutcome> {
    return await this.sender.publish(publication);
  }

  private resultAccess(): ResultAccess {
    const { stores, settings } = this.parts;
    const { hub, stored } = this;
    return {
      clock: stores.clock,
      tracksSent: settings.trackSent && stores.results?.capabilities.shared === true,
      read: async (taskId) => await stored.read(taskId),
      decode: (one) => stored.decode(one),
      follow: (follower) => hub.follow(follower),
      unfollow: (follower) => hub.unfollow(follower),
      revoke: async (taskIds, options) => await this.revoke(taskIds, options),
      forget: async (taskIds) => await stored.forget(taskIds),
      states: async (taskIds) => (await stored.readAll(taskIds)).map((one) => one?.state),
      saveGroup: async (groupId, document) => await stored.saveGroup(groupId, document),
    };
  }
}
