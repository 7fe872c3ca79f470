import type { Clock } from '../../../clock/clock.js';
import type { EncodeContext } from '../../../message/codec-context.js';
import { type DecodeOptions, decodeTask } from '../../../message/decode-task.js';
import type { SignatureJson } from '../../../message/signature-json.js';
import type { TaskRegistry } from '../../../task/task-registry.js';
import { randomNumber } from '../../../clock/random-number.js';
import { type Outcome, outcomeOfThrown } from '../../outcome.js';
import { Run } from '../../run.js';
import { RunContext } from '../../run-context.js';
import { TaskPlans } from '../../task-plans.js';
import { AsyncPool } from '../async-pool.js';
import { fromHopDelivery, type HopDelivery } from '../hop/hop-delivery.js';
import { fromHopError, toHopError } from '../hop/hop-error.js';
import type { FromChild, ToChild } from '../hop/hop-messages.js';
import { type HopOutcome, toHopOutcome } from '../hop/hop-outcome.js';
import { toHopValue } from '../hop/hop-value.js';
import type { ChildExecutor } from './child-application.js';

export interface ChildRunsParts {
  readonly clock: Clock;
  readonly registry: TaskRegistry;
  readonly decoding: DecodeOptions;
  readonly hostname: string;
  readonly tell: (message: FromChild) => void;
}

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** The runs of a child: each is executed as on the event loop of a worker, and its outcome told. */
export class ChildRuns implements ChildExecutor {
  /** The parent knows how many it wants to run here. */
  private readonly pool = new AsyncPool(Number.MAX_SAFE_INTEGER);
  private readonly runs = new Map<number, Run>();
  private readonly waiting = new Map<number, Waiting>();
  private readonly plans: TaskPlans;
  private nextCall = 1;

  constructor(private readonly parts: ChildRunsParts) {
    this.plans = new TaskPlans({
      registry: parts.registry,
      // The parent looks after limits and flow control.
      limits: { hardMs: undefined, softMs: undefined },
      controls: () => false,
      onHookFailed: (error) => this.problem(error),
    });
  }

  take(message: ToChild): void {
    if (message.kind === 'run') this.run(message.key, message.delivery);
    else if (message.kind === 'abort')
      this.runs.get(message.key)?.context?.abort(fromHopError(message.reason));
    else if (message.kind === 'written') this.written(message);
  }

  private run(key: number, hop: HopDelivery): void {
    const { clock, registry, decoding, hostname } = this.parts;
    const run = new Run(fromHopDelivery(hop));
    this.runs.set(key, run);
    const onEnd = (_run: Run, outcome: Outcome): void => this.ended(key, run, outcome);
    try {
      const message = decodeTask(run.delivery.message, decoding);
      const plan = this.plans.find(message.task);
      if (plan === undefined) throw registry.unknown(message.task);
      const context = new RunContext(run, message, plan.definition.options, {
        clock,
        hostname,
        random: randomNumber,
        writeState: async (_run, state, meta) => await this.writeState(key, run, state, meta),
      });
      run.message = message;
      run.plan = plan;
      run.context = context;
      run.startedAt = clock.monoNow();
      this.pool.begin(run, plan.action, onEnd);
    } catch (thrown) {
      onEnd(run, outcomeOfThrown(thrown));
    }
  }

  private ended(key: number, run: Run, outcome: Outcome): void {
    this.runs.delete(key);
    const { children = [], added = [] } = run.context ?? {};
    this.parts.tell({
      kind: 'ended',
      key,
      ...this.toldOf(run, outcome, added),
      children: children.length === 0 ? undefined : children,
    });
  }

  /** What can not be written is the failure of the task. */
  private toldOf(
    run: Run,
    outcome: Outcome,
    added: readonly SignatureJson[],
  ): Pick<FromChild & { kind: 'ended' }, 'outcome' | 'added'> {
    const context = this.contextOf(run);
    const hop = withExhaustion(toHopOutcome(outcome, context), run);
    if (added.length === 0 || hop.kind !== 'succeeded') return { outcome: hop };
    try {
      return { outcome: hop, added: toHopValue(added, context) };
    } catch (error) {
      return { outcome: { kind: 'failed', error: toHopError(error) } };
    }
  }

  private problem(error: Error): void {
    this.parts.tell({ kind: 'problem', error: toHopError(error) });
  }

  /** Resolves when the parent has stored it. */
  private async writeState(key: number, run: Run, state: string, meta: unknown): Promise<void> {
    const hop = toHopValue(meta, this.contextOf(run));
    const call = this.nextCall;
    this.nextCall += 1;
    await new Promise<void>((resolve, reject) => {
      this.waiting.set(call, { resolve, reject });
      this.parts.tell({ kind: 'state', key, call, state, meta: hop });
    });
  }

  private written({ call, error }: ToChild & { kind: 'written' }): void {
    const waiting = this.waiting.get(call);
    this.waiting.delete(call);
    if (error === undefined) waiting?.resolve();
    else waiting?.reject(fromHopError(error));
  }

  /** As where a result is written, so that the same values are refused with the same words. */
  private contextOf({ taskId, taskName }: Run): EncodeContext {
    const { limits } = this.parts.decoding;
    return {
      limits,
      jsonTypes: 'typed',
      where: 'result',
      maxBytes: limits.maxBytes,
      identity: { taskId, taskName },
    };
  }
}

const withExhaustion = (outcome: HopOutcome, { exhausted }: Run): HopOutcome =>
  exhausted && outcome.kind === 'failed' ? { ...outcome, exhausted } : outcome;
