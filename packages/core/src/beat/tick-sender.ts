import type { Clock } from '../clock/clock.js';
import type { TaskClient } from '../client/task-client.js';
import { Deadline } from '../clock/deadline.js';
import { UNROUTABLE } from '../errors/client-errors.js';
import { isLovageError } from '../errors/lovage-error.js';
import type { Lease, Ledger } from '../ports/ledger.js';
import type { Publication } from '../ports/publication.js';
import { hostFormat } from '../routing/host-format.js';
import type { Stores } from '../stores/stores.js';
import type { RecordKinds, RunRecord, ScheduleRecord } from './schedule-record.js';

/** How long a tick is recognised when it is reported again; its schedule's run record remembers it for ever. */
const tickTtlMs = 600_000;

export interface TickSenderParts {
  readonly stores: Stores;
  readonly ledger: Ledger;
  readonly client: TaskClient;
  readonly kinds: RecordKinds;
  /** Host name, for queues of hosts. */
  readonly host: string;
}

/** A tick to be sent. */
export interface OutgoingTick {
  /** Id of the run record: the schedule's name, with the host where it runs on each. */
  readonly runId: string;
  readonly taskId: string;
  readonly schedule: ScheduleRecord;
  readonly dueMs: number;
  /** The tick was put off; its time was recorded when it came. */
  readonly queued: boolean;
  readonly run: RunRecord | undefined;
  readonly lease: Lease;
}

export type TickResult =
  | { readonly kind: 'done'; readonly run: RunRecord; readonly sent: boolean }
  | { readonly kind: 'stale-leader' };

/**
 * Sends ticks.
 *
 * Where broker and ledger are one store, a tick is recorded and sent in one step: a message for each tick, whoever dies when.
 *
 * Where they are two, a tick is recorded as unsent, published, and recorded as sent. A leader that dies between leaves it
 * unsent, and the next one publishes it again: with the same id, so that it can be recognised, and perhaps twice.
 */
export class TickSender {
  private readonly together: boolean;
  private readonly clock: Clock;

  constructor(private readonly parts: TickSenderParts) {
    const { stores, ledger } = parts;
    this.together = stores.broker.storeId === ledger.storeId;
    this.clock = stores.clock;
  }

  /** @throws what kept it from being sent: see `isPassing` */
  async send(tick: OutgoingTick): Promise<TickResult> {
    const { runId, taskId, dueMs, run, queued } = tick;
    const publication = await this.publicationOf(tick);
    const next: RunRecord = {
      dueMs: Math.max(dueMs, run?.dueMs ?? dueMs),
      sentMs: this.clock.wallNow(),
      taskId,
      count: (run?.count ?? 0) + 1,
      ...(queued || run?.queuedMs === undefined ? {} : { queuedMs: run.queuedMs }),
      ...(run?.fromMs === undefined ? {} : { fromMs: run.fromMs }),
    };
    const key = queued ? `${runId}\0queued` : runId;
    if (this.together) return await this.record(tick, key, next, publication);
    const recorded = await this.record(tick, key, { ...next, unsent: true }, undefined);
    if (recorded.kind === 'stale-leader') return recorded;
    return await this.publish(tick, next, publication);
  }

  /** Publishes a tick that another leader has recorded, and perhaps not published. Only where broker and ledger are two stores. */
  async sendAgain(tick: OutgoingTick, run: RunRecord): Promise<TickResult> {
    const { unsent: _unsent, ...sent } = run;
    return await this.publish(tick, sent, await this.publicationOf(tick));
  }

  /** Records a tick that is not sent, or not yet. */
  async pass(tick: OutgoingTick, changes: Partial<RunRecord>): Promise<TickResult> {
    const { run, runId, dueMs } = tick;
    const next: RunRecord = { count: 0, ...run, ...changes, dueMs };
    return await this.record(tick, runId, next, undefined);
  }

  private async publish(tick: OutgoingTick, run: RunRecord, publication: Publication): Promise<TickResult> {
    const outcome = await this.parts.client.publish(publication);
    if (outcome.kind === 'unroutable') throw unroutable(tick, publication);
    return await this.record(tick, `${tick.runId}\0sent`, run, undefined);
  }

  private async record(
    tick: OutgoingTick,
    schedule: string,
    run: RunRecord,
    publication: Publication | undefined,
  ): Promise<TickResult> {
    const { ledger, kinds, stores } = this.parts;
    const { results } = stores;
    if (publication?.sent !== undefined && results !== undefined && results.storeId !== stores.broker.storeId)
      await results.put({ results: [publication.sent], deadline: stores.deadline() });
    const { kind } = await ledger.recordTick({
      tick: {
        schedule: `${kinds.runs} ${schedule}`,
        dueMs: tick.dueMs,
        lease: tick.lease,
        publication,
        ttlMs: tickTtlMs,
        record: { kind: kinds.runs, id: tick.runId, value: JSON.stringify(run) },
      },
      // A lease that has ended is of no use, so nothing needs to be waited for longer.
      deadline: Deadline.in(this.clock, Math.min(tick.lease.ttlMs, stores.deadline().leftMs())),
    });
    if (kind === 'stale-leader') return { kind };
    if (kind === 'unroutable') throw unroutable(tick, publication);
    return { kind: 'done', run, sent: publication !== undefined };
  }

  private async publicationOf({ schedule, taskId }: OutgoingTick): Promise<Publication> {
    const { client, host } = this.parts;
    const { task, args, kwargs, options, hostQueue } = schedule;
    const queue = hostQueue === undefined ? options.queue : hostFormat(hostQueue, host);
    return await client.prepare(task, {
      ...options,
      args,
      kwargs,
      taskId,
      ...(queue === undefined ? {} : { queue }),
    });
  }
}

function unroutable({ schedule, runId, dueMs }: OutgoingTick, publication: Publication | undefined): Error {
  return UNROUTABLE.create({
    taskName: schedule.task,
    taskId: `of ${runId} at ${new Date(dueMs).toISOString()}`,
    exchange: publication?.exchange ?? '',
    routingKey: publication?.routingKey ?? '',
  });
}

const passing: ReadonlySet<string> = new Set([
  'LOVAGE_STORE_UNREACHABLE',
  'LOVAGE_STORE_REFUSED',
  'LOVAGE_PUBLISH_FAILED',
  'LOVAGE_DEADLINE_PASSED',
]);

/** Whether another attempt may succeed: a store that is away. Anything else is wrong with the tick itself. */
export const isPassing = (error: unknown): boolean => isLovageError(error) && passing.has(error.code);
