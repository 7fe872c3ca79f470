import { decodeResult } from '../message/result-document.js';
import type { ResultRecord } from '../message/result-record.js';
import { serializerFor } from '../message/serializers.js';
import { WrittenResult } from '../message/written-result.js';
import type { ResultStore } from '../ports/result-store.js';
import type { StoredResult } from '../ports/stored-result.js';
import type { Stores } from '../stores/stores.js';
import type { ClientSettings } from './client-settings.js';

/** What a client reads from the result store and writes there. Without a store everything is unknown, and nothing is kept. */
export class StoredResults {
  constructor(
    private readonly stores: Stores,
    private readonly settings: ClientSettings,
  ) {}

  async read(taskId: string): Promise<StoredResult | undefined> {
    const { stores } = this;
    if (!stores.opened) await stores.open();
    return (await stores.results?.get({ taskIds: [taskId], deadline: stores.deadline() }))?.[0];
  }

  async readAll(taskIds: readonly string[]): Promise<readonly (StoredResult | undefined)[]> {
    const results = await this.opened();
    const deadline = this.stores.deadline();
    return (await results?.get({ taskIds, deadline })) ?? taskIds.map(() => undefined);
  }

  decode(stored: StoredResult): ResultRecord {
    // In a store of this process it may be the record itself that our worker has written.
    return stored instanceof WrittenResult
      ? stored.read(this.settings)
      : decodeResult(stored.document, this.settings);
  }

  async forget(taskIds: readonly string[]): Promise<void> {
    const results = await this.opened();
    await results?.forget({ taskIds, deadline: this.stores.deadline() });
  }

  async saveGroup(groupId: string, document: string): Promise<void> {
    const results = await this.opened();
    const ttlMs = this.settings.resultTtlMs;
    await results?.putGroup({ groupId, document, ttlMs, deadline: this.stores.deadline() });
  }

  /** What Celery's document of a group has for its `result`; `undefined` where there is none. */
  async readGroup(groupId: string): Promise<{ readonly value: unknown } | undefined> {
    const results = await this.opened();
    const document = await results?.getGroup({ groupId, deadline: this.stores.deadline() });
    if (document === undefined) return undefined;
    const { limits } = this.settings;
    const json = serializerFor('json').deserialize(document, { limits, identity: {} });
    return { value: (json as { readonly result?: unknown }).result };
  }

  private async opened(): Promise<ResultStore | undefined> {
    if (!this.stores.opened) await this.stores.open();
    return this.stores.results;
  }
}
