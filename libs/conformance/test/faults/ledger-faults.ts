import type { Ledger, LedgerRecord, Lease, WallMs } from '@lovage/core';
import { altered, type Fault, without } from './fault.js';

type Changes = (ledger: Ledger) => Partial<Ledger>;

const ledger = (name: string, noticedBy: string, changes: Changes): Fault => ({
  name,
  noticedBy,
  break: (view) =>
    view.ledger === undefined ? view : { ...view, ledger: altered(view.ledger, changes(view.ledger)) },
});

/** Leases as the real ledger knows them, by what was handed out in their place. */
const disguised =
  (change: (lease: Lease) => Lease): Changes =>
  (real) => {
    const originals = new Map<string, Lease>();
    const original = (lease: Lease): Lease => originals.get(`${lease.owner} ${lease.name}`) ?? lease;
    return {
      acquire: async (params) => {
        const outcome = await real.acquire(params);
        if (outcome.kind === 'held') return outcome;
        originals.set(`${params.owner} ${params.name}`, outcome.lease);
        return { kind: 'acquired', lease: change(outcome.lease) };
      },
      renew: async ({ lease, deadline }) => await real.renew({ lease: original(lease), deadline }),
      release: async ({ lease, deadline }) => await real.release({ lease: original(lease), deadline }),
      recordTick: async ({ tick, deadline }) =>
        await real.recordTick({ tick: { ...tick, lease: original(tick.lease) }, deadline }),
    };
  };

export const ledgerFaults: readonly Fault[] = [
  ledger(
    'does not raise the fence',
    'raises the fence with each new owner',
    disguised((lease) => ({ ...lease, fence: 1 })),
  ),
  ledger(
    'raises the fence for the same owner',
    'lets the owner acquire again: the fence stays, the time starts again',
    (real) => {
      let raised = 0;
      return {
        acquire: async (params) => {
          const outcome = await real.acquire(params);
          return outcome.kind === 'held'
            ? outcome
            : { ...outcome, lease: { ...outcome.lease, fence: outcome.lease.fence + raised++ } };
        },
      };
    },
  ),
  ledger(
    'gives one name to two',
    'gives a free name to whoever comes first, and tells others who has it',
    (real) => ({
      acquire: async (params) => {
        const outcome = await real.acquire(params);
        return outcome.kind === 'held' ? { kind: 'acquired', lease: { ...params, fence: 1 } } : outcome;
      },
    }),
  ),
  ledger('never lets a lease expire', 'frees a name whose lease is not renewed', (real) => ({
    acquire: async (params) => await real.acquire({ ...params, ttlMs: params.ttlMs * 1_000_000 }),
  })),
  ledger('does not renew', 'keeps a lease that is renewed, for its whole time from then on', () => ({
    renew: async () => 'renewed',
  })),
  ledger(
    'renews a lease that is lost',
    'finds a lease lost that has expired, whether or not somebody has taken the name',
    (real) => ({
      renew: async (params) => {
        await real.renew(params);
        return 'renewed';
      },
    }),
  ),
  ledger('does not release', 'frees a name at once when its owner releases it; twice is legal', () => ({
    release: async () => undefined,
  })),
  ledger(
    'lets anybody release',
    'leaves a name alone when somebody releases a lease that is no longer theirs',
    (real) => ({
      release: async ({ lease, deadline }) => {
        const outcome = await real.acquire({ name: lease.name, owner: lease.owner, ttlMs: 1, deadline });
        const owner = outcome.kind === 'held' ? outcome.owner : lease.owner;
        const present = await real.acquire({ name: lease.name, owner, ttlMs: lease.ttlMs, deadline });
        if (present.kind === 'acquired') await real.release({ lease: present.lease, deadline });
      },
    }),
  ),
  ledger('records a tick twice', 'records a tick once and sends its message once', (real) => {
    let calls = 0;
    return {
      recordTick: async ({ tick, deadline }) =>
        await real.recordTick({ tick: { ...tick, schedule: `${tick.schedule} ${calls++}` }, deadline }),
    };
  }),
  ledger(
    'records a tick without sending its message',
    'records a tick once and sends its message once',
    (real) => ({
      recordTick: async ({ tick, deadline }) => {
        const notBefore = Date.UTC(2999, 0) as WallMs;
        const publication = tick.publication && { ...tick.publication, notBefore };
        return await real.recordTick({ tick: { ...tick, publication }, deadline });
      },
    }),
  ),
  ledger('records one tick for all schedules', 'tells ticks apart by schedule and by time', (real) => ({
    recordTick: async ({ tick, deadline }) =>
      await real.recordTick({ tick: { ...tick, schedule: 'one' }, deadline }),
  })),
  ledger(
    'forgets the record of a tick',
    'stores the record of a tick with it, whatever version is there',
    (real) => ({
      recordTick: async ({ tick, deadline }) =>
        await real.recordTick({ tick: { ...tick, record: undefined }, deadline }),
    }),
  ),
  ledger(
    'takes ticks of a stale leader',
    'refuses a tick of a leader that was replaced, and sends nothing',
    (real) => ({
      recordTick: async ({ tick, deadline }) => {
        const { name, ttlMs } = tick.lease;
        const held = await real.acquire({ name, owner: tick.lease.owner, ttlMs, deadline });
        const owner = held.kind === 'held' ? held.owner : tick.lease.owner;
        const present = await real.acquire({ name, owner, ttlMs, deadline });
        return await real.recordTick({
          tick: present.kind === 'acquired' ? { ...tick, lease: present.lease } : tick,
          deadline,
        });
      },
    }),
  ),
  ledger(
    'grants more tokens than there are',
    'gives what a full bucket holds, then tells how long to wait',
    (real) => ({
      takeTokens: async ({ request, deadline }) =>
        await real.takeTokens({ request: { ...request, capacity: request.capacity * 2 }, deadline }),
    }),
  ),
  ledger(
    'lets a bucket grow while nobody takes',
    'never holds more than its capacity, however long nobody takes',
    (real) => {
      let asked = 0;
      return {
        takeTokens: async ({ request, deadline }) =>
          await real.takeTokens({
            request:
              asked++ === 0 ? request : { ...request, bucket: 'other', capacity: request.capacity + 4 },
            deadline,
          }),
      };
    },
  ),
  ledger('tells too short a wait', 'grants to whoever has waited as long as it was told', (real) => ({
    takeTokens: async (params) => {
      const outcome = await real.takeTokens(params);
      return outcome.kind === 'wait' ? { kind: 'wait', retryInMs: outcome.retryInMs / 2 } : outcome;
    },
  })),
  ledger(
    'takes tokens that it does not grant',
    'takes nothing from a bucket that has too little',
    (real) => ({
      takeTokens: async ({ request, deadline }) => {
        const outcome = await real.takeTokens({ request, deadline });
        if (outcome.kind === 'wait') await real.takeTokens({ request: { ...request, tokens: 1 }, deadline });
        return outcome;
      },
    }),
  ),
  ledger(
    'revokes for its own process only',
    'tells it to processes that start later, also when the one that revoked is gone',
    (real) => {
      const own = new Set<string>();
      return {
        revoke: async ({ revocations }) => {
          for (const { taskId } of revocations) own.add(taskId);
        },
        revoked: async ({ taskIds }) => new Set(taskIds.filter((taskId) => own.has(taskId))),
        close: async (params) => await real.close(params),
      };
    },
  ),
  ledger('revokes for ever', 'lets a revocation go when its time is over', (real) => ({
    revoke: async (params) => await real.revoke({ ...params, ttlMs: params.ttlMs * 1_000_000 }),
  })),
  ledger('shortens a revocation', 'takes a task that is revoked again; the longer time holds', (real) => ({
    revoke: async (params) => await real.revoke({ ...params, ttlMs: Math.min(params.ttlMs, 300) }),
  })),
  ledger('ignores the version of a record', 'refuses a change that expects another version', (real) => ({
    putRecord: async (params) => {
      const all = await real.records({ kind: params.kind, limit: 1000, deadline: params.deadline });
      const version = all.find(({ id }) => id === params.id)?.version ?? 0;
      return await real.putRecord({ ...params, expectedVersion: version });
    },
  })),
  ledger(
    'does not delete records',
    'deletes a record of the expected version; it can be made again',
    (real) => ({
      putRecord: async (params) => await real.putRecord({ ...params, value: params.value ?? 'deleted' }),
    }),
  ),
  ledger('gives all records as one page', 'gives records by pages, each once, ordered by id', (real) => ({
    records: async (params) => await real.records({ ...params, limit: 1000 }),
  })),
  ledger(
    'gives the first page again and again',
    'gives records by pages, each once, ordered by id',
    (real) => ({
      records: async (params) => await real.records(without(params, 'after')),
    }),
  ),
  ledger('gives records from the last', 'gives records by pages, each once, ordered by id', (real) => ({
    records: async (params): Promise<readonly LedgerRecord[]> => (await real.records(params)).toReversed(),
  })),
  ledger(
    'tells its watches nothing of records',
    'tells every watch of revocations and changed records, of all processes',
    (real) => ({
      watch: ({ listener }) =>
        real.watch({ listener: (change) => (change.kind === 'revoked' ? listener(change) : undefined) }),
    }),
  ),
  ledger('does not end a watch', 'tells nothing after a watch was ended; ending twice is legal', (real) => ({
    watch: (params) => {
      real.watch(params);
      return () => undefined;
    },
  })),
];
