import { Deadline } from '../../../clock/deadline.js';
import { CAPABILITY_MISSING } from '../../../errors/config-errors.js';
import type { ResultWatch } from '../../../ports/result-store.js';
import type { Stores } from '../../../stores/stores.js';
import { toHopError } from '../hop/hop-error.js';
import { fromRelay, toRelay } from './relay-value.js';
import type { RelayAnswer, RelayCall, RelayPort } from './relay-messages.js';

/** What a child may call. It never consumes or settles. */
const methods: Readonly<Record<RelayPort, ReadonlySet<string>>> = {
  broker: new Set(['declare', 'publish', 'unpark', 'purge']),
  results: new Set([
    'put',
    'get',
    'forget',
    'openChord',
    'join',
    'closeChord',
    'openChords',
    'putGroup',
    'getGroup',
  ]),
  ledger: new Set([
    'acquire',
    'renew',
    'release',
    'recordTick',
    'takeTokens',
    'revoke',
    'revoked',
    'putRecord',
    'records',
  ]),
};

/** Answers the calls of one child, whose application has its store here. */
export class ChildCalls {
  private watch: ResultWatch | undefined;

  constructor(
    private readonly stores: Stores,
    private readonly tell: (answer: RelayAnswer) => void,
  ) {}

  take(message: RelayCall): void {
    const { call } = message;
    this.answer(message).then(
      (value) => this.tell({ kind: 'answer', call, value: toRelay(value) }),
      (error: unknown) => this.tell({ kind: 'refused', call, error: toHopError(error) }),
    );
  }

  /** The child is gone. */
  close(): void {
    this.watch?.close();
  }

  private async answer({ port, method, params, leftMs }: RelayCall): Promise<unknown> {
    const deadline = Deadline.in(this.stores.clock, leftMs);
    const given = { ...(fromRelay(params) as object), deadline };
    if (port === 'results' && method === 'watch') return await this.watched(given as never);
    if (port === 'results' && method === 'unwatch') return this.watch?.remove(given as never);
    const target = this.stores[port] as unknown as
      | Readonly<Record<string, (params: object) => Promise<unknown>>>
      | undefined;
    const found = methods[port].has(method) ? target?.[method] : undefined;
    if (found === undefined) {
      const instead = 'Use a broker on the network.';
      throw CAPABILITY_MISSING.create({ driver: 'parent of a pool: the', capability: method, instead });
    }
    return await found.call(target, given);
  }

  private async watched(params: Parameters<ResultWatch['add']>[0]): Promise<unknown> {
    this.watch ??= this.stores.results?.watch({
      listener: (result) => this.tell({ kind: 'record', result: toRelay(result) }),
    });
    return await this.watch?.add(params);
  }
}
