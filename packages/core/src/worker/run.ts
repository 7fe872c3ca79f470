import type { Clock, MonoMs } from '../clock/clock.js';
import type { ResultTuple } from '../message/result-record.js';
import type { SignatureJson } from '../message/signature-json.js';
import type { TaskMessage } from '../message/task-message.js';
import type { WireHeaders } from '../message/wire-message.js';
import type { Delivery } from '../ports/consumer.js';
import type { ParkReason } from '../ports/settlement.js';
import { readAttempts } from '../message/attempt-record.js';
import { type Attempt, attemptsHeader } from '../task/attempt.js';
import { earlierDeliveries } from '../task/earlier-deliveries.js';
import type { RunningTask } from '../task/current-task.js';
import type { TaskContext } from '../task/task-context.js';
import type { TaskDefinition } from '../task/task-definition.js';
import type { HookCaller } from './hook-caller.js';
import type { Outcome } from './outcome.js';
import type { TimeLimits } from './time-limits.js';

/** What the worker asks of the context of a run that it made. */
export interface RunControl extends TaskContext, RunningTask {
  /** The task has written a state of its own, which `Ignore` leaves in place. */
  readonly hasOwnState: boolean;
  /** What it has added to its chord, with its ids: begins when it has succeeded. */
  readonly added: SignatureJson[];
  /** Its end has been decided elsewhere: it was terminated or cut, or its message lost. */
  readonly overruled: boolean;
  /** Aborts the signal, now or as soon as it is asked for. */
  abort(reason: Error): void;
  /** Told when it is aborted: set by a pool that executes the run elsewhere. */
  onAbort: ((reason: Error) => void) | undefined;
  /** What a run that has thrown this ends with: the same, or the signal of a retry that its policy makes of it. */
  judge(thrown: unknown): unknown;
}

/** Calls the task of a run that was admitted; may give a promise, and may throw anything. */
export type RunAction = (run: Run) => unknown;

/** What a worker does for each run of one task: read from the definition once, and not for each run. */
export interface TaskPlan {
  readonly definition: TaskDefinition;
  /** Has flow control. */
  readonly controlled: boolean;
  /** Of runs whose message says nothing. */
  readonly limits: TimeLimits | undefined;
  readonly hooks: HookCaller | undefined;
  readonly action: RunAction;
}

/** How a delivery of the same message ended before, as the result store has it. */
export type EarlierEnd =
  | {
      readonly state: 'SUCCESS';
      readonly value: unknown;
      readonly added?: readonly SignatureJson[] | undefined;
    }
  /** `parked`: its message was to be parked, for this reason. */
  | { readonly state: 'FAILURE'; readonly error: unknown; readonly parked?: ParkReason | undefined };

const none: readonly never[] = [];
/** What a run has taken under flow control; given back when it has ended. */
export interface RunPermit {
  /**
   * Called when the end is written. Twice is legal.
   *
   * @param outcome `undefined`: the message was given back, or is no longer ours
   */
  release(outcome: Outcome | undefined): void;
}

/** What flow control has said. */
export type FlowPass = { readonly permit: RunPermit } | { readonly refusal: Outcome };

/** Stands for an id or a name that a message does not have, or not as text. */
const unreadable = '?';

/** One delivery on its way through the worker; each step fills in what it finds. */
export class Run {
  /** Set by the step `decode`. */
  message: TaskMessage | undefined = undefined;
  /** Set by the step `identify`. */
  plan: TaskPlan | undefined = undefined;
  /** Set by flow control, of tasks that have it. */
  pass: FlowPass | undefined = undefined;
  /** Set when it begins. */
  context: RunControl | undefined = undefined;
  startedAt: MonoMs | undefined = undefined;
  /** Where its pool keeps it, while it runs. */
  place = 0;
  /** The worker no longer answers for it: it was handed back, or lost. Its end has no effect. */
  abandoned = false;
  /** Told when its settlement is done, or has been refused. */
  onSettled: (() => void) | undefined = undefined;
  /** Its pool has given it up, though its code may go on. */
  letGo = false;
  /** It was revoked with `terminate` while it ran. */
  terminated = false;
  /** It asked for a retry, or its policy did, and none was left: its failure is parked. */
  exhausted = false;
  /** Of a task whose message is acknowledged before it begins. */
  acknowledgement: 'asked' | 'done' | undefined = undefined;
  /** A suspect of which the broker was told that it begins. */
  counts = false;
  /** Its message may have been settled before; set once that was looked up. */
  earlier: EarlierEnd | 'none' | undefined = undefined;
  /** Of a message of which there may be other copies: whether this one has the task; set once that was looked up. */
  ownsCopy: boolean | undefined = undefined;
  /** The ledger was asked about its stamps. */
  stampsAsked = false;
  /** Its time limits, while it runs under any; a pool in which it has to wait cancels them, and starts them when it begins. */
  limits: { cancel(): void; restart(): void } | undefined = undefined;

  /** What its end has begun: callbacks, the next step of its chain. */
  trail: readonly ResultTuple[] | undefined = undefined;

  constructor(readonly delivery: Delivery) {}

  get definition(): TaskDefinition | undefined {
    return this.plan?.definition;
  }

  /** Task id as far as the message could be read. */
  get taskId(): string {
    return this.message?.id ?? headerText(this.delivery, 'id');
  }

  /** How often it was delivered, this time included, also before it was sent back to its queue as a new message. */
  get deliveries(): number {
    return this.delivery.deliveries + earlierDeliveries(this.message?.headers);
  }

  /** The attempts before this one. */
  get attempts(): readonly Attempt[] {
    const { headers } = this.message ?? {};
    return headers === undefined ? none : readAttempts(headers[attemptsHeader]);
  }

  /** When it began: milliseconds since 1970 UTC. */
  startedWallMs(clock: Clock): number {
    const since = this.startedAt === undefined ? 0 : clock.monoNow() - this.startedAt;
    return clock.wallNow() - since;
  }

  /** What it has taken under flow control. */
  get permit(): RunPermit | undefined {
    return this.pass !== undefined && 'permit' in this.pass ? this.pass.permit : undefined;
  }

  /** Whether the message says which task it is. */
  get identified(): boolean {
    return this.taskId !== unreadable;
  }

  /** Task name as far as the message could be read. */
  get taskName(): string {
    return this.message?.task ?? headerText(this.delivery, 'task');
  }
}

/** Of a message that nobody has checked yet: it may have no headers at all. */
function headerText(delivery: Delivery, name: string): string {
  const headers = delivery.message.headers as WireHeaders | null | undefined;
  const value = headers?.[name];
  return typeof value === 'string' && value !== '' ? value : unreadable;
}
