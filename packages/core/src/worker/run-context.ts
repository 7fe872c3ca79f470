import type { Clock } from '../clock/clock.js';
import { type Duration, durationMs } from '../clock/duration.js';
import { MAX_RETRIES_EXCEEDED, STATE_RESERVED } from '../errors/task-errors.js';
import type { TaskMessage } from '../message/task-message.js';
import { TaskState } from '../message/task-state.js';
import { Retry } from '../task/outcome-signals.js';
import type { RunningTask } from '../task/current-task.js';
import type { RetryOptions, TaskContext } from '../task/task-context.js';
import type { TaskOptions } from '../task/task-options.js';
import type { Run, RunControl } from './run.js';

/** Celery's defaults. */
const defaultMaxRetries = 3;
const defaultRetryDelay: Duration = 180;

/** What a context takes from its worker. */
export interface RunContextParts {
  readonly clock: Clock;
  readonly hostname: string;
  /** Stores a state of the task's own. */
  readonly writeState: (run: Run, state: string, meta: unknown) => Promise<void>;
}

/** States that the worker alone writes. */
const reserved: ReadonlySet<string> = new Set(Object.values(TaskState));

const noHeaders: Readonly<Record<string, unknown>> = {};

/** The context of one run. */
export class RunContext implements TaskContext, RunningTask, RunControl {
  readonly children: string[] = [];
  hasOwnState = false;
  onAbort: ((reason: Error) => void) | undefined = undefined;
  private controller: AbortController | undefined;

  constructor(
    private readonly run: Run,
    private readonly message: TaskMessage,
    private readonly options: TaskOptions,
    private readonly parts: RunContextParts,
  ) {}

  get context(): TaskContext {
    return this;
  }

  get id(): string {
    return this.message.id;
  }

  get name(): string {
    return this.message.task;
  }

  get args(): readonly unknown[] {
    return this.message.args;
  }

  get kwargs(): Readonly<Record<string, unknown>> {
    return this.message.kwargs;
  }

  get retries(): number {
    return this.message.retries;
  }

  get deliveries(): number {
    return this.run.delivery.deliveries;
  }

  get redelivered(): boolean {
    return this.run.delivery.redelivered;
  }

  get queue(): string {
    return this.run.delivery.queue;
  }

  get rootId(): string {
    return this.message.rootId;
  }

  get parentId(): string | undefined {
    return this.message.parentId;
  }

  get group(): string | undefined {
    return this.message.group;
  }

  get eta(): Date | undefined {
    return this.message.eta;
  }

  get expires(): Date | undefined {
    return this.message.expires;
  }

  get headers(): Readonly<Record<string, unknown>> {
    return this.message.headers ?? noHeaders;
  }

  get hostname(): string {
    return this.parts.hostname;
  }

  /** Made when first asked for: most tasks never look at it. */
  get signal(): AbortSignal {
    this.controller ??= new AbortController();
    return this.controller.signal;
  }

  abort(reason: Error): void {
    this.controller ??= new AbortController();
    this.controller.abort(reason);
    this.onAbort?.(reason);
  }

  async updateState(state: string, meta: unknown = null): Promise<void> {
    if (typeof state !== 'string' || state === '' || reserved.has(state))
      throw STATE_RESERVED.create({ state });
    this.hasOwnState = true;
    await this.parts.writeState(this.run, state, meta);
  }

  retry(options: RetryOptions = {}): Retry {
    const maxRetries = firstGiven(options.maxRetries, this.options.maxRetries);
    if (maxRetries !== null && this.retries >= maxRetries) {
      const last: unknown =
        options.error ?? MAX_RETRIES_EXCEEDED.create({ taskName: this.name, taskId: this.id, maxRetries });
      // reason: a task may give anything as its error; it fails with exactly that.
      // oxlint-disable-next-line only-throw-error
      throw last;
    }
    const delay = options.countdown ?? this.options.defaultRetryDelay ?? defaultRetryDelay;
    return new Retry(
      options.error,
      options.eta?.getTime() ?? this.parts.clock.wallNow() + durationMs(delay, 'countdown'),
    );
  }
}

/** `null` is an answer here (without end), so `??` does not serve. */
function firstGiven(call: number | null | undefined, task: number | null | undefined): number | null {
  if (call !== undefined) return call;
  return task === undefined ? defaultMaxRetries : task;
}
