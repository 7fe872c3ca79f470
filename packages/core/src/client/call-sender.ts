import type { WallMs } from '../clock/clock.js';
import { UNROUTABLE } from '../errors/client-errors.js';
import type { TaskMessage } from '../message/task-message.js';
import { writeTask } from '../message/written-task.js';
import type { Publication, PublishOutcome } from '../ports/publication.js';
import type { Destination, Router } from '../routing/router.js';
import type { Stores } from '../stores/stores.js';
import { mostChildren, type RunningTask, runningTask } from '../task/current-task.js';
import { arrangeArguments } from '../task/parameter-list.js';
import type { KnownTask } from '../task/task-definition.js';
import type { TaskRegistry } from '../task/task-registry.js';
import { SentMarker } from '../calls/sent-marker.js';
import type { ClientSettings } from './client-settings.js';
import type { ControlledSend } from './flow/controlled-send.js';
import type { Publisher } from './publisher.js';
import type { ResultAccess } from './result-access.js';
import { type CallClock, messageOf, noArgs, noKwargs, type TaskCall } from './task-call.js';
import { TaskResult } from './task-result.js';

export interface CallSenderParts {
  readonly stores: Stores;
  readonly registry: TaskRegistry;
  readonly router: Router;
  readonly settings: ClientSettings;
  readonly calls: CallClock;
  readonly controlled: ControlledSend;
  readonly publisher: Publisher;
  readonly access: ResultAccess;
}

/** The way of a single call: checked, controlled, made into a message, published. */
export class CallSender {
  constructor(private readonly parts: CallSenderParts) {}

  /** See `TaskClient.send`. */
  send<T>(name: string, call: TaskCall): Promise<TaskResult<T>> {
    // One promise for the whole way: this is the hot path of producers.
    return new Promise<TaskResult<T>>((resolve, reject) => {
      const definition = this.parts.registry.known(name);
      const checked = definition === undefined ? undefined : this.check(definition, call);
      if (checked === undefined) this.control(name, definition, call, resolve, reject);
      else this.controlLater(checked, name, definition, call, resolve, reject);
    });
  }

  /** See `TaskClient.compose`. */
  async compose(name: string, call: TaskCall): Promise<Publication> {
    const definition = this.parts.registry.known(name);
    if (definition !== undefined) await this.check(definition, call);
    const destination = this.destinationOf(name, definition, call);
    const message = this.messageFor(destination, name, definition, call, undefined);
    return this.publicationOf(message, destination, definition, call);
  }

  /** See `TaskClient.prepare`. */
  async prepare(name: string, call: TaskCall): Promise<Publication> {
    const publication = await this.compose(name, call);
    const { stores } = this.parts;
    if (this.mustDeclare(publication)) {
      if (!stores.opened) await stores.open();
      await stores.declareQueue(publication.routingKey);
    }
    return publication;
  }

  /** See `TaskClient.publish`. */
  async publish(publication: Publication): Promise<PublishOutcome> {
    return await new Promise<PublishOutcome>((resolve, reject) => {
      this.parts.publisher.push(publication, (outcome, error) => {
        if (outcome === undefined) reject(error instanceof Error ? error : new Error(String(error)));
        else resolve(outcome);
      });
    });
  }

  private controlLater<T>(
    checked: Promise<unknown>,
    name: string,
    definition: KnownTask | undefined,
    call: TaskCall,
    resolve: (result: TaskResult<T>) => void,
    reject: (error: unknown) => void,
  ): void {
    checked.then(() => this.control(name, definition, call, resolve, reject)).catch(reject);
  }

  /** Calls with nothing to control go straight on. */
  private control<T>(
    name: string,
    definition: KnownTask | undefined,
    call: TaskCall,
    resolve: (result: TaskResult<T>) => void,
    reject: (error: unknown) => void,
  ): void {
    const plan = this.parts.controlled.planOf(definition, call);
    if (plan === undefined) {
      this.dispatch(name, definition, call, resolve, reject);
      return;
    }
    this.parts.controlled
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

  private dispatch<T>(
    name: string,
    definition: KnownTask | undefined,
    call: TaskCall,
    resolve: (result: TaskResult<T>) => void,
    reject: (error: unknown) => void,
  ): void {
    const running = runningTask();
    const destination = this.destinationOf(name, definition, call);
    const message = this.messageFor(destination, name, definition, call, running);
    const publication = this.publicationOf(message, destination, definition, call);
    const { exchange, routingKey } = destination;
    const published = (outcome: PublishOutcome | undefined, error: unknown): void => {
      if (error !== undefined) reject(error);
      else if (outcome?.kind === 'unroutable') {
        reject(UNROUTABLE.create({ taskName: name, taskId: message.id, exchange, routingKey }));
      } else {
        if (running !== undefined && running.children.length < mostChildren)
          running.children.push(message.id);
        resolve(
          message.ignoreResult === true
            ? new TaskResult<T>(message.id, this.parts.access, { ignoredTask: name })
            : new TaskResult<T>(message.id, this.parts.access),
        );
      }
    };
    if (!this.mustDeclare(publication)) {
      this.parts.publisher.push(publication, published);
    } else {
      const { stores } = this.parts;
      stores
        .open()
        .then(async () => await stores.declareQueue(routingKey))
        .then(() => this.parts.publisher.push(publication, published))
        .catch(reject);
    }
  }

  private destinationOf(name: string, definition: KnownTask | undefined, call: TaskCall): Destination {
    const { args = noArgs, kwargs = noKwargs } = call;
    return this.parts.router.route({ task: name, args, kwargs }, call, definition?.options);
  }

  private messageFor(
    { priority }: Destination,
    name: string,
    definition: KnownTask | undefined,
    call: TaskCall,
    running: RunningTask | undefined,
  ): TaskMessage {
    return messageOf(name, call, definition?.options, priority, this.parts.calls, running);
  }

  private publicationOf(
    message: TaskMessage,
    { exchange, routingKey }: Destination,
    definition: KnownTask | undefined,
    call: TaskCall,
  ): Publication {
    const { settings, access } = this.parts;
    return {
      message: writeTask(message, {
        serializer: call.serializer ?? definition?.options.serializer ?? settings.serializer,
        compression: call.compression ?? definition?.options.compression ?? settings.compression,
        limits: settings.limits,
      }),
      exchange,
      routingKey,
      notBefore: message.eta === undefined ? undefined : (message.eta.getTime() as WallMs),
      sent:
        access.tracksSent && message.ignoreResult !== true
          ? new SentMarker(message.id, settings.resultTtlMs)
          : undefined,
    };
  }

  private mustDeclare({ exchange, routingKey }: Publication): boolean {
    const { settings, stores } = this.parts;
    return exchange === '' && settings.createMissingQueues && !stores.declared(routingKey);
  }

  /** @returns a promise where the check needs one */
  private check(definition: KnownTask, call: TaskCall): Promise<unknown> | undefined {
    const { parameters, validate, name } = definition;
    if (parameters === undefined && validate === undefined) return undefined;
    const arranged = arrangeArguments(name, parameters, call.args ?? noArgs, call.kwargs ?? noKwargs);
    const checked = validate?.(arranged);
    return checked instanceof Promise ? checked : undefined;
  }
}
