import { machineName, type ProcessLine } from '../evidence/evidence-line.js';
import type { FaultKind, FaultRecord } from '../faults/fault-record.js';
import type { RunRecord } from './run-record.js';
import type { TaskRun } from './task-histories.js';

/** Why a task may rightly have been started again. */
export type Cause = FaultKind | 'stall';

/** A time in which a process, or every process, could lose what it had in hand. */
interface Disturbance {
  readonly cause: Cause;
  readonly fromMs: number;
  readonly untilMs: number;
  /** It also lets the process begin late what it had taken before: by then another may have begun it. */
  readonly holds: boolean;
}

/** What must be known of a broker. */
export type BrokerTraits = Pick<RunRecord, 'leaseMs' | 'cutTakesWork'>;

/** A run that has ended is settled within this time, unless something else is recorded. */
const settleMs = 1000;
/** A process that was held is told within this time that others have its work. */
const noticeMs = 1000;

/**
 * Faults by the process that they touched, to be asked whether they explain that a task was started again.
 *
 * A fault explains only what it can cause. After SIGTERM a worker has time to end its tasks; after its connections were closed
 * its claims are still its own, unless the broker takes them back then; a killed producer has run nothing. None of these explains a second start.
 */
export class Disturbances {
  private readonly byProcess = new Map<string, Disturbance[]>();
  private readonly ofAll: readonly Disturbance[];

  constructor(faults: readonly FaultRecord[], lines: readonly ProcessLine[], broker: BrokerTraits) {
    for (const fault of faults) {
      const { process } = fault;
      const disturbance = disturbanceOf(fault, broker);
      if (disturbance !== undefined) this.add(process, disturbance);
    }
    for (const { kind, process, atMs, note } of lines) {
      if (kind !== 'STALL') continue;
      const untilMs = atMs + noticeMs;
      this.add(process === machineName ? '*' : process, {
        cause: 'stall',
        fromMs: atMs - Number(note),
        untilMs,
        holds: true,
      });
    }
    this.ofAll = this.byProcess.get('*') ?? [];
  }

  /** Why `next` may have been started although `run` was there; `undefined`: nothing explains it. */
  causeOf(run: TaskRun, next: TaskRun): Cause | undefined {
    return (this.lossOf(run, next) ?? this.delayOf(run, next))?.cause;
  }

  /** When `run` was lost, for the time until somebody else had it. */
  lossMsOf(run: TaskRun, next: TaskRun): number | undefined {
    return this.lossOf(run, next)?.fromMs;
  }

  /** Something took away from the process of `run` what it had. */
  private lossOf(run: TaskRun, next: TaskRun): Disturbance | undefined {
    const heldUntil = Math.min(next.startMs, (run.endMs ?? Number.POSITIVE_INFINITY) + settleMs);
    return this.touching(run.process).find(
      ({ fromMs, untilMs }) => fromMs <= heldUntil && untilMs >= run.startMs,
    );
  }

  /** The process of `next` had it first, was held, and began it late. */
  private delayOf(run: TaskRun, next: TaskRun): Disturbance | undefined {
    return this.touching(next.process).find(
      ({ holds, fromMs, untilMs }) => holds && fromMs <= run.startMs && untilMs >= next.startMs,
    );
  }

  private touching(process: string): readonly Disturbance[] {
    const own = this.byProcess.get(process);
    return own === undefined ? this.ofAll : [...own, ...this.ofAll];
  }

  private add(process: string, disturbance: Disturbance): void {
    const present = this.byProcess.get(process);
    if (present === undefined) this.byProcess.set(process, [disturbance]);
    else present.push(disturbance);
  }
}

function disturbanceOf(
  { kind, fromMs, untilMs }: FaultRecord,
  { leaseMs, cutTakesWork }: BrokerTraits,
): Disturbance | undefined {
  switch (kind) {
    case 'kill':
    case 'died':
      return { cause: kind, fromMs, untilMs, holds: false };
    case 'freeze':
      return { cause: kind, fromMs, untilMs: untilMs + noticeMs, holds: true };
    case 'broker-restart':
    case 'broker-kill':
      // Leases that ran out meanwhile are noticed when the next one is renewed.
      return { cause: kind, fromMs, untilMs: untilMs + leaseMs, holds: true };
    case 'clients':
      // What was in hand is handed out again at once, and its first run ends without effect.
      return cutTakesWork === true
        ? { cause: kind, fromMs, untilMs: untilMs + noticeMs, holds: true }
        : undefined;
    case 'terminate':
    case 'producer':
      break;
  }
  return undefined;
}
