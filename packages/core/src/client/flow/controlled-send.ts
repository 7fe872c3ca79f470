import { type Duration, durationMs } from '../../clock/duration.js';
import { boundedKey } from '../../task/flow/flow-name.js';
import type { FlowPlan, PlacePlan } from '../../task/flow/flow-plan.js';
import { flowPlanOf } from '../../task/flow/flow-plans.js';
import type { KnownTask } from '../../task/task-definition.js';
import { noArgs, noKwargs, type TaskCall } from '../task-call.js';
import type { TaskResult } from '../task-result.js';
import type { Stores } from '../../stores/stores.js';
import { refuseOwnTime, sendDebounced } from './debounced-send.js';
import { checkedIdempotencyKey, sendOnce } from './key-leases.js';
import { SendLedger } from './send-ledger.js';

export interface ControlledSendParts {
  readonly stores: Stores;
  readonly newId: () => string;
  /** A handle on a task that was sent before. */
  readonly existing: (taskId: string) => TaskResult;
  readonly revoke: (taskId: string) => Promise<void>;
}

type Publish = (call: TaskCall) => Promise<TaskResult>;

/** Clocks of senders and workers differ. */
const expiryGraceMs = 1000;
const longestUnsureMs = 30_000;

/** Sends calls that may turn out not to be sent: with an idempotency key, of unique tasks, of debounced tasks. */
export class ControlledSend {
  private readonly ledger: SendLedger;

  constructor(private readonly parts: ControlledSendParts) {
    this.ledger = new SendLedger(parts.stores, parts.revoke);
  }

  /**
   * What a call must be sent with; `undefined`: nothing but what all calls are.
   *
   * @throws LOVAGE_OPTION_INVALID
   */
  planOf(task: KnownTask | undefined, call: TaskCall): Partial<FlowPlan> | undefined {
    const plan = task && flowPlanOf(task);
    if (plan?.place !== undefined || plan?.debounce !== undefined) return plan;
    return call.idempotencyKey === undefined ? undefined : {};
  }

  /**
   * @param publish sends the call
   * @throws LOVAGE_TASK_NOT_UNIQUE, LOVAGE_FLOW_KEY_INVALID, LOVAGE_OPTION_INVALID, LOVAGE_CAPABILITY_MISSING, what the ledger throws
   */
  async send(
    name: string,
    { place, debounce }: Partial<FlowPlan>,
    call: TaskCall,
    publish: Publish,
  ): Promise<TaskResult> {
    const taskId = call.taskId ?? this.parts.newId();
    const flowCall = { args: call.args ?? noArgs, kwargs: call.kwargs ?? noKwargs };
    let send: Publish = publish;
    if (debounce !== undefined) {
      refuseOwnTime(call);
      const next = send;
      const { waitMs, maxWaitMs, nameOf } = debounce;
      const key = nameOf(flowCall);
      send = async (one) =>
        await sendDebounced(
          this.ledger,
          { name: key, taskId, waitMs, maxWaitMs, nowMs: Math.ceil(this.parts.stores.clock.wallNow()) },
          async (eta) => await next({ ...one, eta }),
        );
    }
    if (place !== undefined) {
      const next = send;
      const key = place.nameOf(flowCall);
      send = async (one) => await this.unique(name, place, key, one, next);
    }
    return await this.idempotent(name, { ...call, taskId }, send);
  }

  private async unique(
    taskName: string,
    place: PlacePlan,
    name: string,
    call: TaskCall,
    next: Publish,
  ): Promise<TaskResult> {
    const { ttlMs, unsureMs, onConflict, failOpen } = place;
    const taskId = call.taskId as string;
    return await sendOnce(
      this.ledger,
      { name, taskName, taskId, onConflict, unsureMs, failOpen, ttlMs: this.placeTtlMs(ttlMs, call) },
      async () => await next(call),
      this.parts.existing,
    );
  }

  private async idempotent(taskName: string, call: TaskCall, next: Publish): Promise<TaskResult> {
    if (call.idempotencyKey === undefined) return await next(call);
    const name = `flow:idempotency:${boundedKey(checkedIdempotencyKey(call.idempotencyKey))}`;
    const ttlMs = Math.max(1, durationMs(call.idempotencyTtl ?? '1d', 'idempotencyTtl'));
    const taskId = call.taskId as string;
    const unsureMs = Math.min(longestUnsureMs, ttlMs / 10);
    return await sendOnce(
      this.ledger,
      { name, taskName, taskId, ttlMs, unsureMs, onConflict: 'return-existing', failOpen: false },
      async () => await next(call),
      this.parts.existing,
      (result) => result.id === taskId,
    );
  }

  /** For as long as the task may wait in its queue; brokers may drop one that has expired without telling anybody. */
  private placeTtlMs(ttlMs: number, { eta, countdown, expires }: TaskCall): number {
    return Math.min(
      ttlMs + (this.leftMs(countdown ?? eta, 'countdown') ?? 0),
      (this.leftMs(expires, 'expires') ?? Number.POSITIVE_INFINITY) + expiryGraceMs,
    );
  }

  private leftMs(time: Duration | Date | undefined, option: string): number | undefined {
    if (time === undefined) return undefined;
    if (!(time instanceof Date)) return durationMs(time, option);
    return Math.max(0, time.getTime() - this.parts.stores.clock.wallNow());
  }
}
