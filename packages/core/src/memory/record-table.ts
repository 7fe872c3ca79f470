import type { LedgerRecord, RecordOutcome } from '../ports/ledger.js';

interface RecordsOfKind {
  readonly byId: Map<string, LedgerRecord>;
  /** Ordered by code units. */
  readonly ids: string[];
}

/** Versioned records by kind and id. */
export class RecordTable {
  private readonly kinds = new Map<string, RecordsOfKind>();

  put(params: {
    readonly kind: string;
    readonly id: string;
    readonly value: string | undefined;
    readonly expectedVersion: number;
  }): RecordOutcome {
    const { kind, id, value, expectedVersion } = params;
    const records = this.recordsOf(kind);
    const version = records.byId.get(id)?.version ?? 0;
    if (version !== expectedVersion) return { kind: 'conflict' };
    if (value === undefined) {
      if (records.byId.delete(id)) records.ids.splice(positionOf(records.ids, id), 1);
    } else {
      if (version === 0) records.ids.splice(positionOf(records.ids, id), 0, id);
      records.byId.set(id, { kind, id, version: version + 1, value });
    }
    return { kind: 'stored', version: version + 1 };
  }

  /** Stores a record whatever version is there. */
  replace(record: { readonly kind: string; readonly id: string; readonly value: string }): void {
    const expectedVersion = this.recordsOf(record.kind).byId.get(record.id)?.version ?? 0;
    this.put({ ...record, expectedVersion });
  }

  /** In the order of ids, after the id `after`. */
  page(kind: string, after: string | undefined, limit: number): readonly LedgerRecord[] {
    const { ids, byId } = this.recordsOf(kind);
    let start = after === undefined ? 0 : positionOf(ids, after);
    if (ids[start] === after) start += 1;
    return ids.slice(start, start + limit).map((id) => byId.get(id) as LedgerRecord);
  }

  private recordsOf(kind: string): RecordsOfKind {
    let records = this.kinds.get(kind);
    if (records === undefined) {
      records = { byId: new Map(), ids: [] };
      this.kinds.set(kind, records);
    }
    return records;
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
