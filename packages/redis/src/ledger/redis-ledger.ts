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
  type RecordOutcome,
  type Revocation,
  STORE_DAMAGED,
  StoreSession,
  type Tick,
  type TickOutcome,
  type TokenOutcome,
  type TokenRequest,
} from '@lovage/core';
import { readBindings } from '../broker/bindings.js';
import { namedExchanges, PublicationGroups } from '../broker/publication-groups.js';
import { refusal } from '../connection/redis-failure.js';
import type { RedisStore } from '../redis-store.js';
import { ledgerAcquireScript } from '../scripts/ledger-acquire.js';
import { ledgerDeleteRecordScript, ledgerPutRecordScript } from '../scripts/ledger-record.js';
import { ledgerRecordsScript } from '../scripts/ledger-records.js';
import { ledgerReleaseScript } from '../scripts/ledger-release.js';
import { ledgerRenewScript } from '../scripts/ledger-renew.js';
import { ledgerRevokeScript } from '../scripts/ledger-revoke.js';
import { ledgerRevokedScript } from '../scripts/ledger-revoked.js';
import { ledgerTicksScript } from '../scripts/ledger-ticks.js';
import { ledgerTokensScript } from '../scripts/ledger-tokens.js';
import type { LuaArgument } from '../scripts/lua-script.js';
import { changesChannel, recordMessage, revocationsMessage } from './change-messages.js';
import { RedisLedgerWatches } from './redis-ledger-watches.js';

/** Most ids of one script call: a long one holds everybody else up. */
const mostIds = 1000;

interface TickCall {
  readonly tick: Tick;
  readonly deadline: Deadline;
}

/** Most ticks of one script call. */
const mostTicks = 64;
const outcomes: ReadonlySet<string> = new Set<TickOutcome['kind']>([
  'recorded',
  'already-recorded',
  'stale-leader',
  'unroutable',
]);

/** Longest time that is kept, about 3,000 years: the server takes no longer one. */
const longestMs = 1e14;

/**
 * A ledger on Redis. Each change is one script; time is the server's. Leases, ticks, buckets and revocations go by themselves
 * when their time is over.
 */
export class RedisLedger implements Ledger {
  private readonly session: StoreSession<RedisStore>;
  private readonly watches: RedisLedgerWatches;
  private readonly ticks: Coalescer<TickCall, string>;

  constructor(private readonly store: RedisStore) {
    this.ticks = new Coalescer({
      clock: store.clock,
      flush: async (calls) => await this.recordTicks(calls),
      maxItems: mostTicks,
      bytesOf: ({ tick }) => tick.publication?.message.body.length ?? 0,
    });
    this.session = new StoreSession(store, 'ledger');
    this.watches = new RedisLedgerWatches(store, store.clock);
  }

  get storeId(): string {
    return this.store.storeId;
  }

  async open({ deadline }: { readonly deadline: Deadline }): Promise<void> {
    await this.session.open(deadline);
  }

  async acquire(params: {
    readonly name: string;
    readonly owner: string;
    readonly ttlMs: number;
    readonly deadline: Deadline;
  }): Promise<LeaseOutcome> {
    const { name, owner, ttlMs, deadline } = params;
    const store = this.session.use('acquire', deadline);
    const answer = await store.run(ledgerAcquireScript, deadline, [name, owner, wholeMs(ttlMs)]);
    const [acquired, found, fence, leftMs] = answer as readonly [number, string, string, number];
    return acquired === 1
      ? { kind: 'acquired', lease: { name, owner, fence: Number(found), ttlMs } }
      : { kind: 'held', owner: found, fence: Number(fence), leftMs };
  }

  async renew(params: { readonly lease: Lease; readonly deadline: Deadline }): Promise<'renewed' | 'lost'> {
    const { lease, deadline } = params;
    const store = this.session.use('renew', deadline);
    const args = [...leaseArguments(lease), wholeMs(lease.ttlMs)];
    return (await store.run(ledgerRenewScript, deadline, args)) === 1 ? 'renewed' : 'lost';
  }

  async release({ lease, deadline }: { readonly lease: Lease; readonly deadline: Deadline }): Promise<void> {
    const store = this.session.use('release', deadline);
    await store.run(ledgerReleaseScript, deadline, leaseArguments(lease));
  }

  /** The ticks of one event-loop turn share a script call. */
  async recordTick(params: TickCall): Promise<TickOutcome> {
    this.session.use('recordTick', params.deadline);
    const answer = await this.ticks.add(params);
    if (outcomes.has(answer)) return { kind: answer as TickOutcome['kind'] };
    throw refusal(this.store.address, 'recordTick', answer);
  }

  /** @throws LOVAGE_OPTION_INVALID when the request could never be granted */
  async takeTokens(params: {
    readonly request: TokenRequest;
    readonly deadline: Deadline;
  }): Promise<TokenOutcome> {
    const { request, deadline } = params;
    const store = this.session.use('takeTokens', deadline);
    checkTokenRequest(request);
    const { bucket, tokens, capacity, refillPerSecond } = request;
    // The call is repeated until its deadline at the latest.
    const repeatableMs = wholeMs(Math.min(120_000, deadline.leftMs() + 1000));
    const args = [bucket, tokens, capacity, refillPerSecond, store.newId(), repeatableMs];
    const waitMs = Number(await store.run(ledgerTokensScript, deadline, args));
    return waitMs === 0 ? { kind: 'granted' } : { kind: 'wait', retryInMs: waitMs };
  }

  async revoke(params: {
    readonly revocations: readonly Revocation[];
    readonly ttlMs: number;
    readonly deadline: Deadline;
  }): Promise<void> {
    const { revocations, ttlMs, deadline } = params;
    const store = this.session.use('revoke', deadline);
    const channel = changesChannel(store);
    for (const part of parts(revocations)) {
      const args: LuaArgument[] = [wholeMs(ttlMs), channel, revocationsMessage(part), part.length];
      for (const { taskId } of part) args.push(taskId);
      await store.run(ledgerRevokeScript, deadline, args);
    }
  }

  async revoked(params: {
    readonly taskIds: readonly string[];
    readonly deadline: Deadline;
  }): Promise<ReadonlySet<string>> {
    const { taskIds, deadline } = params;
    const store = this.session.use('revoked', deadline);
    const found = new Set<string>();
    for (const part of parts(taskIds)) {
      const positions = await store.run(ledgerRevokedScript, deadline, [part.length, ...part]);
      for (const position of positions as readonly number[]) found.add(part[position] as string);
    }
    return found;
  }

  async putRecord(params: {
    readonly kind: string;
    readonly id: string;
    readonly value: string | undefined;
    readonly expectedVersion: number;
    readonly deadline: Deadline;
  }): Promise<RecordOutcome> {
    const { kind, id, value, expectedVersion, deadline } = params;
    const store = this.session.use('putRecord', deadline);
    const told = [changesChannel(store), recordMessage(kind, id)];
    const args = [store.newId(), kind, id, expectedVersion, ...told];
    const script = value === undefined ? ledgerDeleteRecordScript : ledgerPutRecordScript;
    const version = await store.run(script, deadline, value === undefined ? args : [...args, value]);
    return version === -1 ? { kind: 'conflict' } : { kind: 'stored', version: Number(version) };
  }

  /** Ordered by the bytes of the id. */
  async records(params: {
    readonly kind: string;
    readonly after?: string;
    readonly limit: number;
    readonly deadline: Deadline;
  }): Promise<readonly LedgerRecord[]> {
    const { kind, after, limit, deadline } = params;
    const store = this.session.use('records', deadline);
    const from = after === undefined ? '-' : `(${after}`;
    const answer = await store.run(ledgerRecordsScript, deadline, [kind, from, checkedLimit(limit)]);
    const texts = answer as readonly string[];
    const records: LedgerRecord[] = [];
    for (let n = 0; n < texts.length; n += 2)
      records.push(this.record(kind, texts[n] as string, texts[n + 1] as string));
    return records;
  }

  /**
   * What was told while the connection was away is told when it is back, some of it perhaps twice.
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
    if (first) await this.session.released(deadline);
  }

  private async recordTicks(calls: readonly TickCall[]): Promise<readonly string[]> {
    const { store } = this;
    // Whoever has the least time is answered in time; the others ask again.
    const { deadline } = calls.reduce((a, b) => (b.deadline.leftMs() < a.deadline.leftMs() ? b : a));
    const publications = calls.flatMap(({ tick }) => tick.publication ?? []);
    const context = {
      keys: store.keys,
      newId: store.newId,
      now: store.clock.wallNow(),
      exchanges: await readBindings(store, namedExchanges(publications), deadline),
      pythonQueues: store.settings.pythonQueues,
      db: store.settings.target.options.db ?? 0,
    };
    const args = [store.newId(), calls.length];
    for (const { tick } of calls) {
      const own = tick.publication === undefined ? [] : [tick.publication];
      const groups = new PublicationGroups(own, context);
      const { kind = '', id = '', value = '' } = tick.record ?? {};
      // The number first: whatever a schedule is called, no two ticks share a key.
      args.push(...leaseArguments(tick.lease), `${tick.dueMs} ${tick.schedule}`, wholeMs(tick.ttlMs));
      args.push(tick.record === undefined ? 0 : 1, kind, id, value, own.length, groups.sentTtl);
      groups.writeTo(args);
    }
    return (await store.run(ledgerTicksScript, deadline, args)) as readonly string[];
  }

  private record(kind: string, id: string, text: string): LedgerRecord {
    const space = text.indexOf(' ');
    const version = Number(text.slice(0, space));
    if (space > 0 && Number.isSafeInteger(version))
      return { kind, id, version, value: text.slice(space + 1) };
    throw STORE_DAMAGED.create({
      address: this.store.address,
      key: this.store.keys.own(`record-values:${kind}`),
      found: `something else for "${id}"`,
      expected: 'a version and a value',
    });
  }
}

const wholeMs = (ms: number): number => Math.min(longestMs, Math.max(1, Math.ceil(ms)));

const leaseArguments = ({ name, owner, fence }: Lease): (string | number)[] => [name, owner, fence];

/** Ids in parts that one script call takes. */
function* parts<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let from = 0; from < all.length; from += mostIds) yield all.slice(from, from + mostIds);
}
