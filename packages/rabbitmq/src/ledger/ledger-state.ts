import type { LedgerRecord, RecordOutcome, TickOutcome, TokenOutcome } from '@lovage/core';
import type { Applied, LedgerAnswer, LedgerOperation, TickOperation } from './ledger-operation.js';
import { RecordTable } from './record-table.js';
import { type Unsent, UnsentTable } from './unsent-table.js';

/** Owner, fence, and when it ends. */
type HeldLease = readonly [owner: string, fence: number, expiresAt: number];
/** Tokens, when that was right, and when the bucket is full and need not be remembered. */
type Bucket = readonly [tokens: number, atMs: number, fullAtMs: number];

/** A state as JSON; for snapshots. */
export interface StateImage {
  readonly now: number;
  readonly fence: number;
  readonly leases: readonly (readonly [string, HeldLease])[];
  readonly buckets: readonly (readonly [string, Bucket])[];
  readonly revoked: readonly (readonly [string, number])[];
  readonly ticks: readonly (readonly [string, number])[];
  readonly unsent: readonly (readonly [string, Unsent])[];
  readonly records: readonly LedgerRecord[];
  /** Last number of each author, and when it was heard. */
  readonly authors: readonly (readonly [string, readonly [number, number]])[];
}

/** Authors are forgotten after this time; nobody repeats a proposal that is older. */
const authorMs = 3_600_000;
/** Tolerance for sums of fractions: a caller that waited as long as it was told must not be sent away again. */
const rounding = 1e-9;

/**
 * What all processes agree on, since each applies the same operations in the same order. It looks at no clock: time is the
 * latest stamp of an operation, and never goes back.
 */
export class LedgerState {
  private now = 0;
  private fence = 0;
  private readonly leases: Map<string, HeldLease>;
  private readonly buckets: Map<string, Bucket>;
  private readonly revokedUntil: Map<string, number>;
  private readonly ticks: Map<string, number>;
  private readonly authors: Map<string, readonly [number, number]>;
  readonly records: RecordTable;
  readonly unsent: UnsentTable;

  constructor(image?: StateImage) {
    this.now = image?.now ?? 0;
    this.fence = image?.fence ?? 0;
    this.leases = new Map(image?.leases);
    this.buckets = new Map(image?.buckets);
    this.revokedUntil = new Map(image?.revoked);
    this.ticks = new Map(image?.ticks);
    this.authors = new Map(image?.authors);
    this.records = new RecordTable(image?.records ?? []);
    this.unsent = new UnsentTable(image?.unsent ?? []);
  }

  /** The latest stamp. */
  get time(): number {
    return this.now;
  }

  isRevoked(taskId: string): boolean {
    return (this.revokedUntil.get(taskId) ?? 0) > this.now;
  }

  /** Whether a batch of an author is new; one that came twice counts once. Moves the time on. */
  begin(author: string, sequence: number, stampMs: number): boolean {
    if (stampMs > this.now) this.now = stampMs;
    const last = this.authors.get(author)?.[0] ?? 0;
    if (sequence <= last) return false;
    this.authors.set(author, [sequence, this.now]);
    return true;
  }

  apply(operation: LedgerOperation): Applied {
    switch (operation.op) {
      case 'acquire':
        return { answer: this.acquire(operation.n, operation.o, operation.ms) };
      case 'renew': {
        const held = this.heldAs(operation.n, operation.o, operation.f);
        if (held !== undefined) this.leases.set(operation.n, [held[0], held[1], this.now + operation.ms]);
        return { answer: { kind: held === undefined ? 'lost' : 'renewed' } };
      }
      case 'release':
        if (this.heldAs(operation.n, operation.o, operation.f) !== undefined) this.leases.delete(operation.n);
        return { answer: undefined };
      case 'tokens':
        return { answer: this.takeTokens(operation.n, operation) };
      case 'revoke':
        return this.revoke(operation.ids, operation.ms);
      case 'record':
        return this.putRecord(operation.k, operation.i, operation.v, operation.x);
      case 'tick':
        return { answer: this.recordTick(operation) };
      case 'sent':
        return { answer: this.sent(operation.k, operation.unroutable === true) };
      case 'refused':
        this.owe(operation.k, operation.message, operation.t);
        return { answer: undefined };
      case 'takeOver':
        return {
          answer: { kind: this.unsent.takeOver(operation.k, operation.x, this.now) ? 'taken' : 'gone' },
        };
      default:
        // Of a newer version: all old ones leave it out alike.
        return { answer: undefined };
    }
  }

  /** Forgets what is over. Changes no answer. */
  sweep(): void {
    const { now } = this;
    for (const [name, held] of this.leases) if (held[2] <= now) this.leases.delete(name);
    for (const [name, bucket] of this.buckets) if (bucket[2] <= now) this.buckets.delete(name);
    for (const [taskId, until] of this.revokedUntil) if (until <= now) this.revokedUntil.delete(taskId);
    for (const [key, until] of this.ticks) if (until <= now) this.ticks.delete(key);
    for (const [author, [, at]] of this.authors) if (at + authorMs <= now) this.authors.delete(author);
  }

  image(): StateImage {
    return {
      now: this.now,
      fence: this.fence,
      leases: [...this.leases],
      buckets: [...this.buckets],
      revoked: [...this.revokedUntil],
      ticks: [...this.ticks],
      unsent: this.unsent.all(),
      records: this.records.all(),
      authors: [...this.authors],
    };
  }

  private acquire(name: string, owner: string, ttlMs: number): LedgerAnswer {
    const present = this.current(name);
    if (present !== undefined && present[0] !== owner) {
      return { kind: 'held', owner: present[0], fence: present[1], leftMs: present[2] - this.now };
    }
    const fence = present?.[1] ?? (this.fence += 1);
    this.leases.set(name, [owner, fence, this.now + ttlMs]);
    return { kind: 'acquired', lease: { name, owner, fence, ttlMs } };
  }

  private current(name: string): HeldLease | undefined {
    const held = this.leases.get(name);
    return held !== undefined && held[2] > this.now ? held : undefined;
  }

  private heldAs(name: string, owner: string, fence: number): HeldLease | undefined {
    const held = this.current(name);
    return held?.[0] === owner && held[1] === fence ? held : undefined;
  }

  private takeTokens(
    name: string,
    request: { readonly tokens: number; readonly capacity: number; readonly perSecond: number },
  ): TokenOutcome {
    const { tokens, capacity, perSecond } = request;
    const bucket = this.buckets.get(name) ?? [capacity, this.now, this.now];
    const refilled = Math.min(capacity, bucket[0] + ((this.now - bucket[1]) / 1000) * perSecond);
    const granted = refilled + rounding >= tokens;
    const left = granted ? Math.max(0, refilled - tokens) : refilled;
    this.buckets.set(name, [left, this.now, this.now + ((capacity - left) / perSecond) * 1000]);
    return granted
      ? { kind: 'granted' }
      : { kind: 'wait', retryInMs: Math.ceil(((tokens - left) / perSecond) * 1000) };
  }

  private revoke(ids: readonly (readonly [string, 0 | 1])[], ttlMs: number): Applied {
    const until = this.now + ttlMs;
    for (const [taskId] of ids) {
      if ((this.revokedUntil.get(taskId) ?? 0) < until) this.revokedUntil.set(taskId, until);
    }
    const changes = ids.map(([taskId, terminate]) => ({
      kind: 'revoked' as const,
      revocation: { taskId, terminate: terminate === 1 },
    }));
    return { answer: undefined, changes };
  }

  private putRecord(kind: string, id: string, value: string | undefined, expected: number): Applied {
    const answer: RecordOutcome = this.records.put(kind, id, value, expected);
    return answer.kind === 'stored'
      ? { answer, changes: [{ kind: 'record', recordKind: kind, id }] }
      : { answer };
  }

  private recordTick({ k, lease, ms, record, message, t }: TickOperation): TickOutcome {
    if (this.heldAs(...lease) === undefined) return { kind: 'stale-leader' };
    if ((this.ticks.get(k) ?? 0) > this.now) return { kind: 'already-recorded' };
    this.ticks.set(k, this.now + ms);
    let before: Unsent['before'];
    if (record !== undefined) {
      const [kind, id, value] = record;
      const present = this.records.get(kind, id);
      const version = present?.version ?? 0;
      this.records.put(kind, id, value, version);
      before = [kind, id, version + 1, present?.value ?? null];
    }
    if (message !== undefined) this.owe(k, message, t, before);
    return { kind: 'recorded' };
  }

  private owe(key: string, message: string, taskId: string | undefined, before?: Unsent['before']): void {
    this.unsent.add(key, { message, taskId, attempts: 1, atMs: this.now, before });
  }

  private sent(key: string, unroutable: boolean): LedgerAnswer {
    const unsent = this.unsent.strike(key);
    if (unsent === undefined) return { kind: 'gone' };
    if (!unroutable) return { kind: 'taken' };
    this.ticks.delete(key);
    if (unsent.before !== undefined) {
      const [kind, id, version, value] = unsent.before;
      // Whoever has changed it since knows better.
      if (this.records.get(kind, id)?.version === version) this.records.restore(kind, id, version - 1, value);
    }
    return { kind: 'taken' };
  }
}
