import type { Clock } from '../../../clock/clock.js';
import { Deadline } from '../../../clock/deadline.js';
import { CAPABILITY_MISSING } from '../../../errors/config-errors.js';
import { DEADLINE_PASSED } from '../../../errors/lifecycle-errors.js';
import type { Broker, BrokerCapabilities } from '../../../ports/broker.js';
import type { Driver } from '../../../ports/driver.js';
import type { Ledger } from '../../../ports/ledger.js';
import type { ResultListener, ResultStore, ResultWatch, StoredResult } from '../../../ports/result-store.js';
import { fromHopError } from '../hop/hop-error.js';
import { fromRelay, toRelay } from './relay-value.js';
import type { RelayAnswer, RelayCall, RelayPort } from './relay-messages.js';

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

type Params = Readonly<Record<string, unknown>> & { readonly deadline: Deadline };

/** Those of the memory driver. */
const capabilities: BrokerCapabilities = {
  delayedDelivery: true,
  atomicSettle: true,
  priorityOrder: 'high-first',
  releasesNext: true,
  queueOrder: true,
  exchangeTypes: ['direct', 'topic', 'fanout', 'headers'],
  durable: false,
};

const address = 'the embedded store of the parent';

/**
 * The embedded store as a child of a pool has it: it lives in the parent, so calls travel there. Messages that a child's tasks send
 * would else wait in a store of its own, where nobody consumes.
 */
export class ParentStore {
  private readonly waiting = new Map<number, Waiting>();
  private readonly watches = new Set<RelayWatch>();
  /** Calls that were made before the way to the parent was known. */
  private early: RelayCall[] = [];
  private tell: ((call: RelayCall) => void) | undefined;
  private nextCall = 1;

  constructor(private readonly clock: Clock) {}

  /** @param tell takes calls to the parent */
  connect(tell: (call: RelayCall) => void): void {
    this.tell = tell;
    for (const call of this.early.splice(0)) tell(call);
  }

  take(answer: RelayAnswer): void {
    if (answer.kind === 'record') {
      const result = fromRelay(answer.result) as StoredResult;
      for (const watch of this.watches) watch.hear(result);
      return;
    }
    const waiting = this.waiting.get(answer.call);
    this.waiting.delete(answer.call);
    if (answer.kind === 'answer') waiting?.resolve(fromRelay(answer.value));
    else waiting?.reject(fromHopError(answer.error));
  }

  async call(port: RelayPort, method: string, { deadline, ...params }: Params): Promise<unknown> {
    const call = this.nextCall;
    this.nextCall += 1;
    const afterMs = deadline.leftMs();
    const message: RelayCall = { kind: 'call', call, port, method, params: toRelay(params), leftMs: afterMs };
    const answer = new Promise<unknown>((resolve, reject) => {
      this.waiting.set(call, { resolve, reject });
    });
    if (this.tell === undefined) this.early.push(message);
    else this.tell(message);
    try {
      return await deadline.race(answer, () =>
        DEADLINE_PASSED.create({ operation: `${method} of ${address}`, afterMs }),
      );
    } finally {
      this.waiting.delete(call);
    }
  }

  get driver(): Driver {
    return { broker: this.broker(), results: this.results(), ledger: this.ledger() };
  }

  private broker(): Broker {
    return {
      storeId: 'parent',
      address,
      capabilities,
      ...this.methods<Broker, 'declare' | 'publish' | 'unpark' | 'purge'>('broker', [
        'declare',
        'publish',
        'unpark',
        'purge',
      ]),
      ...nothingToOpen,
      consume: async () => await refuse('consume'),
      begin: async () => await refuse('begin'),
      settle: async () => await refuse('settle'),
    };
  }

  private results(): ResultStore {
    return {
      storeId: 'parent',
      address,
      capabilities: { push: true, durable: false, shared: true },
      ...this.methods<
        ResultStore,
        'put' | 'forget' | 'openChord' | 'join' | 'closeChord' | 'openChords' | 'putGroup' | 'getGroup'
      >('results', [
        'put',
        'forget',
        'openChord',
        'join',
        'closeChord',
        'openChords',
        'putGroup',
        'getGroup',
      ]),
      ...nothingToOpen,
      get: async (params) => recordsOf(await this.call('results', 'get', params)),
      watch: ({ listener }) => this.watch(listener),
    };
  }

  private ledger(): Ledger {
    return {
      storeId: 'parent',
      ...this.methods<
        Ledger,
        'acquire' | 'renew' | 'release' | 'recordTick' | 'takeTokens' | 'revoke' | 'putRecord' | 'records'
      >('ledger', [
        'acquire',
        'renew',
        'release',
        'recordTick',
        'takeTokens',
        'revoke',
        'putRecord',
        'records',
      ]),
      ...nothingToOpen,
      revoked: async (params) => new Set((await this.call('ledger', 'revoked', params)) as string[]),
      // The parent tells its child what is revoked.
      watch: () => () => undefined,
    };
  }

  private methods<Port, Name extends keyof Port & string>(
    port: RelayPort,
    names: readonly Name[],
  ): Pick<Port, Name> {
    const calls = names.map((name) => [name, async (params: Params) => await this.call(port, name, params)]);
    return Object.fromEntries(calls) as Pick<Port, Name>;
  }

  private watch(listener: ResultListener): ResultWatch {
    const watch = new RelayWatch(this, listener, () => this.watches.delete(watch));
    this.watches.add(watch);
    return watch;
  }

  /** For calls that nobody waits for. */
  async drop(taskIds: readonly string[]): Promise<void> {
    const deadline = Deadline.in(this.clock, 10_000);
    await this.call('results', 'unwatch', { taskIds, deadline }).catch(() => undefined);
  }
}

/** What is not there travels as null. */
const recordsOf = (found: unknown): readonly (StoredResult | undefined)[] =>
  (found as readonly (StoredResult | null)[]).map((result) => result ?? undefined);

const nothingToOpen = { open: async (): Promise<void> => {}, close: async (): Promise<void> => {} };

async function refuse(capability: string): Promise<never> {
  const instead = 'A child only executes; its parent consumes.';
  throw CAPABILITY_MISSING.create({ driver: 'child of a pool: the', capability, instead });
}

/** A watch of a child: the parent tells the records of all that any watch of the child has asked for. */
class RelayWatch implements ResultWatch {
  private readonly taskIds = new Set<string>();

  constructor(
    private readonly store: ParentStore,
    private readonly listener: ResultListener,
    private readonly onClose: () => void,
  ) {}

  hear(result: StoredResult): void {
    if (this.taskIds.has(result.taskId)) this.listener(result);
  }

  async add(params: {
    readonly taskIds: readonly string[];
    readonly deadline: Deadline;
  }): Promise<readonly (StoredResult | undefined)[]> {
    for (const taskId of params.taskIds) this.taskIds.add(taskId);
    return recordsOf(await this.store.call('results', 'watch', params));
  }

  remove({ taskIds }: { readonly taskIds: readonly string[] }): void {
    for (const taskId of taskIds) this.taskIds.delete(taskId);
    void this.store.drop(taskIds);
  }

  close(): void {
    this.remove({ taskIds: [...this.taskIds] });
    this.onClose();
  }
}
