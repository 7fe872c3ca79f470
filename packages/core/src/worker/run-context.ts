import { derivedIds } from '../calls/derived-ids.js';
import { freeze } from '../canvas/freeze.js';
import { checkStandIn } from '../canvas/replacement.js';
import type { Clock } from '../clock/clock.js';
import { durationMs } from '../clock/duration.js';
import { NOT_IN_CHORD, SIGNATURE_INVALID } from '../errors/canvas-errors.js';
import { MAX_RETRIES_EXCEEDED, STATE_RESERVED } from '../errors/task-errors.js';
import { SOFT_TIME_LIMIT } from '../errors/worker-errors.js';
import type { SignatureJson } from '../message/signature-json.js';
import type { TaskMessage } from '../message/task-message.js';
import { TaskState } from '../message/task-state.js';
import { askedAttempt, automaticAttempt, type RetrySituation } from '../retry/next-attempt.js';
import type { Attempt } from '../task/attempt.js';
import { Replace, Retry, type RetryOverrides } from '../task/outcome-signals.js';
import type { RunningTask } from '../task/current-task.js';
import { sendersHeaders } from '../task/senders-headers.js';
import type { RetryOptions, TaskContext } from '../task/task-context.js';
import type { TaskOptions } from '../task/task-options.js';
import type { Run, RunControl } from './run.js';

/** What a context takes from its worker. */
export interface RunContextParts {
  readonly clock: Clock;
  readonly hostname: string;
  /** From 0 to below 1. */
  readonly random: () => number;
  /** Stores a state of the task's own. */
  readonly writeState: (run: Run, state: string, meta: unknown) => Promise<void>;
}

/** States that the worker alone writes. */
const reserved: ReadonlySet<string> = new Set(Object.values(TaskState));

/** Signatures that one run may add to its chord; each may be a composition. */
const mostAdded = 1000;

const noHeaders: Readonly<Record<string, unknown>> = {};

/** The context of one run. */
export class RunContext implements TaskContext, RunningTask, RunControl {
  readonly children: string[] = [];
  readonly added: SignatureJson[] = [];
  hasOwnState = false;
  onAbort: ((reason: Error) => void) | undefined = undefined;
  private controller: AbortController | undefined;
  /** Why the run should end, where it should. */
  private reason: Error | undefined;

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

  get attempts(): readonly Attempt[] {
    return this.run.attempts;
  }

  get deliveries(): number {
    return this.run.deliveries;
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
    const { headers } = this.message;
    return headers === undefined ? noHeaders : sendersHeaders(headers);
  }

  get hostname(): string {
    return this.parts.hostname;
  }

  /** Made when first asked for: most tasks never look at it. */
  get signal(): AbortSignal {
    this.controller ??= new AbortController();
    return this.controller.signal;
  }

  /** Its end has been decided elsewhere: it was terminated or cut, or its message lost. */
  get overruled(): boolean {
    return this.reason !== undefined && !SOFT_TIME_LIMIT.is(this.reason);
  }

  abort(reason: Error): void {
    this.controller ??= new AbortController();
    this.reason = reason;
    this.controller.abort(reason);
    this.onAbort?.(reason);
  }

  async updateState(state: string, meta: unknown = null): Promise<void> {
    if (typeof state !== 'string' || state === '' || reserved.has(state))
      throw STATE_RESERVED.create({ state });
    this.hasOwnState = true;
    await this.parts.writeState(this.run, state, meta);
  }

  replace(signature: { toJSON(): SignatureJson }): Replace {
    const json = signature.toJSON();
    checkStandIn(json);
    if (this.added.length > 0)
      throw SIGNATURE_INVALID.create({
        problem:
          'a task that has added to its chord can not be replaced; let what replaces it add to the chord',
      });
    return new Replace(json);
  }

  addToChord(signature: { toJSON(): SignatureJson }): string {
    const { id, name, message, added } = this;
    if (message.embed.chord === null || message.group === undefined)
      throw NOT_IN_CHORD.create({ taskId: id, taskName: name });
    if (added.length >= mostAdded)
      throw SIGNATURE_INVALID.create({
        problem: `a task can not add more than ${mostAdded} others to its chord`,
      });
    const json = signature.toJSON();
    checkStandIn(json);
    const frozen = freeze(json, derivedIds(`${id}:added:${added.length}`));
    added.push(frozen.json);
    return frozen.node.id;
  }

  retry(options: RetryOptions = {}): Retry {
    const { error } = options;
    const next = askedAttempt(options, this.options, this.situation(error));
    if (next.kind === 'retry') return new Retry(error, next.notBeforeMs, this.overridesOf(options));
    this.run.exhausted = true;
    const { maxRetries } = next;
    // reason: a task may give anything as its error; it fails with exactly that.
    // oxlint-disable-next-line only-throw-error
    throw error ?? MAX_RETRIES_EXCEEDED.create({ taskName: this.name, taskId: this.id, maxRetries });
  }

  /** What a run that has thrown this ends with: the same, or the signal of a retry that its policy makes of it. */
  judge(thrown: unknown): unknown {
    if (this.overruled) return thrown;
    const next = automaticAttempt(this.options, this.situation(thrown));
    if (next?.kind === 'retry') return new Retry(thrown, next.notBeforeMs);
    if (next !== undefined) this.run.exhausted = true;
    return thrown;
  }

  private situation(error: unknown): RetrySituation {
    const { run, parts } = this;
    return {
      error,
      retries: this.retries,
      taskName: this.name,
      taskId: this.id,
      nowMs: parts.clock.wallNow(),
      firstStartedMs: run.attempts[0]?.startedMs ?? run.startedWallMs(parts.clock),
      random: parts.random,
    };
  }

  private overridesOf({ args, kwargs, expires, priority }: RetryOptions): RetryOverrides | undefined {
    if ((args ?? kwargs ?? expires ?? priority) === undefined) return undefined;
    const date =
      expires === undefined || expires instanceof Date
        ? expires
        : new Date(this.parts.clock.wallNow() + durationMs(expires, 'expires'));
    return { args, kwargs, expires: date, priority };
  }
}
