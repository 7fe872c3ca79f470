import type { LedgerRecord, RecordOutcome } from '@lovage/core';

interface RecordsOfKind {
  readonly byId: Map<string, LedgerRecord>;
  /** Ordered by code units. */
  readonly ids: string[];
}

/** Versioned records by kind and id. */
export class RecordTable {
  private readonly kinds = new Map<string, RecordsOfKind>();

  constructor(records: readonly LedgerRecord[]) {
    for (const record of records) this.set(record);
  }

  get(kind: string, id: string): LedgerRecord | undefined {
    return this.kinds.get(kind)?.byId.get(id);
  }

  put(kind: string, id: string, value: string | undefined, expectedVersion: number): RecordOutcome {
    const version = this.get(kind, id)?.version ?? 0;
    if (version !== expectedVersion) return { kind: 'conflict' };
    if (value === undefined) this.delete(kind, id);
    else this.set({ kind, id, version: version + 1, value });
    return { kind: 'stored', version: version + 1 };
  }

  /** @param value null: there was none */
  restore(kind: string, id: string, version: number, value: string | null): void {
    if (value === null) this.delete(kind, id);
    else this.set({ kind, id, version, value });
  }

  /** In the order of ids, after the id `after`. */
  page(kind: string, after: string | undefined, limit: number): readonly LedgerRecord[] {
    const records = this.kinds.get(kind);
    if (records === undefined) return [];
    const { ids, byId } = records;
    let start = after === undefined ? 0 : positionOf(ids, after);
    if (ids[start] === after) start += 1;
    return ids.slice(start, start + limit).map((id) => byId.get(id) as LedgerRecord);
  }

  all(): readonly LedgerRecord[] {
    return [...this.kinds.values()].flatMap(({ byId }) => [...byId.values()]);
  }

  private set(record: LedgerRecord): void {
    let records = this.kinds.get(record.kind);
    if (records === undefined) {
      records = { byId: new Map(), ids: [] };
      this.kinds.set(record.kind, records);
    }
    if (!records.byId.has(record.id)) records.ids.splice(positionOf(records.ids, record.id), 0, record.id);
    records.byId.set(record.id, record);
  }

  private delete(kind: string, id: string): void {
    const records = this.kinds.get(kind);
    if (records?.byId.delete(id) !== true) return;
    records.ids.splice(positionOf(records.ids, id), 1);
    if (records.ids.length === 0) this.kinds.delete(kind);
  }
}

/** Where an id stands among ordered ids, or would stand. */
function positionOf(ids: readonly string[], id: string): number {
  let low = 0;
  let high = ids.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ids[middle] as string) < id) low = middle + 1;
    else high = middle;
  }
  return low;
}
