import type { Deadline } from '../clock/deadline.js';
import type {
  Lease,
  LeaseOutcome,
  Ledger,
  LedgerChange,
  LedgerRecord,
  RecordOutcome,
  Revocation,
  Tick,
  TickOutcome,
  TokenOutcome,
  TokenRequest,
} from '../ports/ledger.js';
import { checkedLimit } from '../drivers/page-limit.js';
import { PortSession } from './port-session.js';
import type { StoreHandle } from './store-handle.js';

/** A ledger in the memory of this process. */
export class MemoryLedger implements Ledger {
  private readonly session: PortSession;
  private readonly watches = new Set<() => void>();

  constructor(handle: StoreHandle) {
    this.session = new PortSession(handle, 'ledger');
  }

  get storeId(): string {
    return this.session.storeId;
  }

  async open(params: { readonly deadline: Deadline }): Promise<void> {
    this.session.open(params.deadline);
  }

  async acquire(params: {
    readonly name: string;
    readonly owner: string;
    readonly ttlMs: number;
    readonly deadline: Deadline;
  }): Promise<LeaseOutcome> {
    return this.session.use('acquire', params.deadline).leases.acquire(params);
  }

  async renew(params: { readonly lease: Lease; readonly deadline: Deadline }): Promise<'renewed' | 'lost'> {
    return this.session.use('renew', params.deadline).leases.renew(params.lease);
  }

  async release(params: { readonly lease: Lease; readonly deadline: Deadline }): Promise<void> {
    this.session.use('release', params.deadline).leases.release(params.lease);
  }

  async recordTick({
    tick,
    deadline,
  }: {
    readonly tick: Tick;
    readonly deadline: Deadline;
  }): Promise<TickOutcome> {
    const store = this.session.use('recordTick', deadline);
    if (!store.leases.isHeld(tick.lease)) return { kind: 'stale-leader' };
    if (store.ticks.has(tick)) return { kind: 'already-recorded' };
    const { publication, record } = tick;
    if (
      publication !== undefined &&
      store.accept(publication, this.session.monoNow()).kind === 'unroutable'
    ) {
      return { kind: 'unroutable' };
    }
    store.ticks.record(tick);
    if (record !== undefined) store.records.replace(record);
    store.results.tell();
    return { kind: 'recorded' };
  }

  async takeTokens(params: {
    readonly request: TokenRequest;
    readonly deadline: Deadline;
  }): Promise<TokenOutcome> {
    return this.session.use('takeTokens', params.deadline).tokens.take(params.request);
  }

  async revoke(params: {
    readonly revocations: readonly Revocation[];
    readonly ttlMs: number;
    readonly deadline: Deadline;
  }): Promise<void> {
    const { revocations, ledgerWatches } = this.session.use('revoke', params.deadline);
    for (const revocation of params.revocations) revocations.add(revocation, params.ttlMs);
    for (const revocation of params.revocations) ledgerWatches.tell({ kind: 'revoked', revocation });
  }

  async revoked(params: {
    readonly taskIds: readonly string[];
    readonly deadline: Deadline;
  }): Promise<ReadonlySet<string>> {
    const { revocations } = this.session.use('revoked', params.deadline);
    return new Set(params.taskIds.filter((taskId) => revocations.has(taskId)));
  }

  async putRecord(params: {
    readonly kind: string;
    readonly id: string;
    readonly value: string | undefined;
    readonly expectedVersion: number;
    readonly deadline: Deadline;
  }): Promise<RecordOutcome> {
    const { records, ledgerWatches } = this.session.use('putRecord', params.deadline);
    const outcome = records.put(params);
    if (outcome.kind === 'stored')
      ledgerWatches.tell({ kind: 'record', recordKind: params.kind, id: params.id });
    return outcome;
  }

  async records(params: {
    readonly kind: string;
    readonly after?: string;
    readonly limit: number;
    readonly deadline: Deadline;
  }): Promise<readonly LedgerRecord[]> {
    const { records } = this.session.use('records', params.deadline);
    return records.page(params.kind, params.after, checkedLimit(params.limit));
  }

  /** @throws LOVAGE_STORE_CLOSED when the ledger is not open */
  watch(params: { readonly listener: (change: LedgerChange) => void }): () => void {
    const { store } = this.session;
    if (store === undefined) throw this.session.closedError('watch');
    const unwatch = store.ledgerWatches.add(params.listener);
    const end = (): void => {
      unwatch();
      this.watches.delete(end);
    };
    this.watches.add(end);
    return end;
  }

  async close(): Promise<void> {
    for (const end of this.watches) end();
    this.session.close();
  }
}
