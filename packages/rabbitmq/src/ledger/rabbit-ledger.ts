import {
  checkedLimit,
  checkTokenRequest,
  Coalescer,
  type Deadline,
  type Lease,
  type LeaseOutcome,
  type Ledger,
  type LedgerChange,
  type LedgerRecord,
  LedgerWatches,
  type RecordOutcome,
  type Revocation,
  STORE_UNREACHABLE,
  StoreSession,
  type Tick,
  type TickOutcome,
  type TokenOutcome,
  type TokenRequest,
} from '@lovage/core';
import { MessageSender } from '../broker/message-sender.js';
import { StreamLog } from '../log/stream-log.js';
import type { RabbitStore } from '../rabbit-store.js';
import type { LedgerAnswer, LedgerOperation } from './ledger-operation.js';
import type { LedgerState } from './ledger-state.js';
import { entryOf, logName, writeEntry } from './log-entry.js';
import { PresentQueues } from './present-queues.js';
import { Replica } from './replica.js';
import { UnsentTicks } from './unsent-ticks.js';
import { copiedTaskId, writePublication } from './written-publication.js';

/**
 * A worker asks before each batch of tasks which of them are revoked, so that must cost no round trip: it may look at what it knows
 * when that was everything at most so many milliseconds ago. In return a revocation takes so much longer: when it resolves,
 * nobody looks at anything older.
 */
const freshMs = 100;

/** Snapshots stand in it, too: it has room for some of them. */
const mostBytes = 16_000_000;

/** Batches that have not come back; more means that the log does not answer. */
const mostProposals = 10_000;

/**
 * A ledger on RabbitMQ alone. Each call is an entry in a log (a stream) that all processes read and apply in the same order to a
 * copy of the facts; the answer is known when the entry comes back. A call costs one round trip, and the calls of one event-loop
 * turn share an entry. Time is that of the entries: the calendars of the machines must agree, as they do with NTP.
 */
export class RabbitLedger implements Ledger {
  private readonly session: StoreSession<RabbitStore>;
  private readonly watches: LedgerWatches;
  private readonly log: StreamLog;
  private readonly replica: Replica;
  private readonly ticks: UnsentTicks;
  private readonly sender: MessageSender;
  private readonly proposals: Coalescer<LedgerOperation, LedgerAnswer>;
  private refused: ((error: Error) => void) | undefined;
  private opening: Promise<void> | undefined;
  private barrier: Promise<void> | undefined;
  private nextBarrier: Promise<void> | undefined;
  /** Monotonic time at which the state held everything. */
  private completeAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly store: RabbitStore) {
    const { clock } = store;
    this.sender = new MessageSender(store);
    this.session = new StoreSession(store, 'ledger');
    this.watches = new LedgerWatches(clock);
    this.replica = new Replica({
      author: store.newId(),
      now: () => clock.wallNow(),
      newId: store.newId,
      append: (entry) => this.log.append(writeEntry(entry)),
      onChange: (change) => this.watches.tell(change),
    });
    this.log = new StreamLog({
      store,
      name: logName,
      mostBytes,
      role: 'ledger',
      from: () => this.replica.nextOffset,
      onEntry: (offset, message) => {
        this.replica.take(offset, entryOf(message), message.content.length);
        this.ticks.watch();
      },
      onReading: () => this.replica.repeat(),
      onRefused: (error) => this.refused?.(error),
    });
    this.proposals = new Coalescer({
      clock,
      flush: async (operations) => await this.replica.propose(operations),
      maxBytes: 256 * 1024,
      bytesOf: (operation) => (operation.op === 'revoke' ? operation.ids.length * 45 : 200),
    });
    const queues = new PresentQueues(store);
    this.ticks = new UnsentTicks({
      clock,
      state: () => this.replica.state,
      propose: async (operation) => await this.proposals.add(operation),
      publish: async (dispatch, deadline) => {
        const [outcome] = await this.sender.send([dispatch], deadline);
        return outcome ?? { kind: 'unroutable' };
      },
      hasQueue: async (queue, deadline) => await queues.has(queue, deadline),
      logName,
      warn: (error) => store.warn(error),
    });
  }

  get storeId(): string {
    return this.store.storeId;
  }

  async open({ deadline }: { readonly deadline: Deadline }): Promise<void> {
    await this.session.open(deadline);
    this.opening ??= this.catchUp(deadline);
    try {
      await this.opening;
    } catch (error) {
      this.opening = undefined;
      throw error;
    }
  }

  async acquire(params: {
    readonly name: string;
    readonly owner: string;
    readonly ttlMs: number;
    readonly deadline: Deadline;
  }): Promise<LeaseOutcome> {
    const { name, owner, ttlMs, deadline } = params;
    const answer = await this.ask('acquire', deadline, { op: 'acquire', n: name, o: owner, ms: ttlMs });
    return answer as LeaseOutcome;
  }

  async renew(params: { readonly lease: Lease; readonly deadline: Deadline }): Promise<'renewed' | 'lost'> {
    const { name: n, owner: o, fence: f, ttlMs: ms } = params.lease;
    const answer = await this.ask('renew', params.deadline, { op: 'renew', n, o, f, ms });
    return answer?.kind === 'renewed' ? 'renewed' : 'lost';
  }

  async release(params: { readonly lease: Lease; readonly deadline: Deadline }): Promise<void> {
    const { name: n, owner: o, fence: f } = params.lease;
    await this.ask('release', params.deadline, { op: 'release', n, o, f });
  }

  async recordTick(params: { readonly tick: Tick; readonly deadline: Deadline }): Promise<TickOutcome> {
    const { tick, deadline } = params;
    const { lease, record, publication } = tick;
    // The number first: whatever a schedule is called, no two ticks share a key.
    const k = `${tick.dueMs} ${tick.schedule}`;
    const ready =
      publication === undefined
        ? undefined
        : this.ticks.prepare(
            k,
            { message: writePublication(publication), taskId: copiedTaskId(publication) },
            publication,
            this.ticks.own(deadline),
          );
    const outcome = (await this.ask('recordTick', deadline, {
      op: 'tick',
      k,
      lease: [lease.name, lease.owner, lease.fence],
      ms: tick.ttlMs,
      ...(record === undefined ? {} : { record: [record.kind, record.id, record.value] }),
      ...(ready === undefined ? {} : { message: ready.message, t: ready.taskId }),
    })) as TickOutcome;
    if (outcome.kind !== 'recorded' || ready === undefined) return outcome;
    const sent = await this.ticks.send(ready);
    return sent.kind === 'unroutable' ? { kind: 'unroutable' } : outcome;
  }

  /** @throws LOVAGE_OPTION_INVALID when the request could never be granted */
  async takeTokens(params: {
    readonly request: TokenRequest;
    readonly deadline: Deadline;
  }): Promise<TokenOutcome> {
    const { bucket: n, tokens, capacity, refillPerSecond: perSecond } = params.request;
    this.session.requireOpen('takeTokens');
    checkTokenRequest(params.request);
    const operation = { op: 'tokens', n, tokens, capacity, perSecond } as const;
    return (await this.ask('takeTokens', params.deadline, operation)) as TokenOutcome;
  }

  async revoke(params: {
    readonly revocations: readonly Revocation[];
    readonly ttlMs: number;
    readonly deadline: Deadline;
  }): Promise<void> {
    const { revocations, ttlMs: ms, deadline } = params;
    const ids = revocations.map(({ taskId, terminate }) => [taskId, terminate ? 1 : 0] as const);
    await this.ask('revoke', deadline, { op: 'revoke', ids, ms });
    await new Promise<void>((resolve) => {
      this.store.clock.after(freshMs, resolve);
    });
  }

  async revoked(params: {
    readonly taskIds: readonly string[];
    readonly deadline: Deadline;
  }): Promise<ReadonlySet<string>> {
    const { taskIds, deadline } = params;
    const state = this.fresh('revoked', deadline) ?? (await this.present('revoked', deadline));
    return new Set(taskIds.filter((taskId) => state.isRevoked(taskId)));
  }

  async putRecord(params: {
    readonly kind: string;
    readonly id: string;
    readonly value: string | undefined;
    readonly expectedVersion: number;
    readonly deadline: Deadline;
  }): Promise<RecordOutcome> {
    const { kind: k, id: i, value: v, expectedVersion: x, deadline } = params;
    return (await this.ask('putRecord', deadline, { op: 'record', k, i, v, x })) as RecordOutcome;
  }

  /** Ordered by the code units of the id. */
  async records(params: {
    readonly kind: string;
    readonly after?: string;
    readonly limit: number;
    readonly deadline: Deadline;
  }): Promise<readonly LedgerRecord[]> {
    const limit = checkedLimit(params.limit);
    const state = await this.present('records', params.deadline);
    return state.records.page(params.kind, params.after, limit);
  }

  /**
   * What happens while the connection is away is told when it is back.
   *
   * @throws LOVAGE_STORE_CLOSED when the ledger is not open
   */
  watch({ listener }: { readonly listener: (change: LedgerChange) => void }): () => void {
    this.session.requireOpen('watch');
    return this.watches.add(listener);
  }

  async close({ deadline }: { readonly deadline: Deadline }): Promise<void> {
    const first = this.session.close();
    this.watches.close();
    this.ticks.close();
    await this.log.close(deadline);
    this.sender.close();
    if (first) await this.session.released(deadline);
  }

  /** Drops its connection and gives nothing back, as the end of the process does. */
  destroy(): void {
    this.ticks.close();
    this.log.destroy();
  }

  private async ask(call: string, deadline: Deadline, operation: LedgerOperation): Promise<LedgerAnswer> {
    this.session.use(call, deadline);
    if (this.replica.proposals > mostProposals) throw this.unreachable(call);
    return await deadline.race(this.proposals.add(operation), () => this.unreachable(call));
  }

  /** The state, where it was complete a short time ago; sees to it that it is the next time too. */
  private fresh(call: string, deadline: Deadline): LedgerState | undefined {
    this.session.use(call, deadline);
    const ageMs = this.store.clock.monoNow() - this.completeAt;
    if (ageMs > freshMs) return undefined;
    if (ageMs > freshMs / 2 && this.barrier === undefined) this.mark().catch(() => undefined);
    return this.replica.state;
  }

  /** The state with everything in it that had happened anywhere when this was called. */
  private async present(call: string, deadline: Deadline): Promise<LedgerState> {
    this.session.use(call, deadline);
    await deadline.race(this.caughtUp(), () => this.unreachable(call));
    if (this.replica.state === undefined) throw this.unreachable(call);
    return this.replica.state;
  }

  /** Everybody who asks while one entry is on its way shares the next. */
  private async caughtUp(): Promise<void> {
    if (this.barrier !== undefined) {
      this.nextBarrier ??= this.barrier.then(async () => {
        this.nextBarrier = undefined;
        await this.mark();
      });
      await this.nextBarrier;
      return;
    }
    await this.mark();
  }

  private async mark(): Promise<void> {
    const began = this.store.clock.monoNow();
    const mark = this.replica.propose([]).then(() => {
      this.completeAt = began;
      if (this.barrier === mark) this.barrier = undefined;
    });
    this.barrier = mark;
    await mark;
  }

  private async catchUp(deadline: Deadline): Promise<void> {
    const refused = new Promise<never>((_, reject) => {
      this.refused = reject;
    });
    refused.catch(() => undefined);
    await this.log.open(deadline);
    await deadline.race(Promise.race([this.caughtUp(), refused]), () =>
      this.unreachable('open of the ledger'),
    );
  }

  private unreachable(operation: string): Error {
    const problem = this.replica.state === undefined ? 'its log has not been read yet' : 'no answer';
    return STORE_UNREACHABLE.create({ address: this.store.address, operation, problem });
  }
}
