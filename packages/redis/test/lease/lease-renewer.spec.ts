import { type Deadline, VirtualClock } from '@lovage/core';
import type { RedisLink } from '../../src/connection/redis-link.js';
import { LeaseRenewer } from '../../src/lease/lease-renewer.js';

const leaseMs = 30_000;

describe('the renewal of leases', () => {
  let clock: VirtualClock;
  /** What the server does with a renewal of these owners; 1: renewed, 0: lost. */
  let server: (owners: readonly string[]) => readonly number[];
  let renewals: { readonly atMs: number; readonly owners: readonly string[] }[];
  let lost: string[];
  let lostAtMs: number | undefined;
  let renewer: LeaseRenewer;

  beforeEach(() => {
    clock = new VirtualClock();
    server = (owners) => owners.map(() => 1);
    renewals = [];
    lost = [];
    lostAtMs = undefined;
    renewer = new LeaseRenewer({
      link: { close: () => undefined } as RedisLink,
      clock,
      run: async (_link, _script, deadline: Deadline, [, , , ...owners]) => {
        renewals.push({ atMs: clock.monoNow(), owners: owners as readonly string[] });
        try {
          return server(owners as readonly string[]);
        } catch (error) {
          // As the link does: it goes on trying until the deadline.
          await new Promise<void>((resolve) => clock.after(deadline.leftMs(), resolve));
          throw error;
        }
      },
      leaseMs,
      visibilityTimeoutMs: 3_600_000,
      onLost: (owner) => {
        lost.push(owner);
        lostAtMs = clock.monoNow();
      },
    });
  });
  afterEach(() => {
    renewer.close();
    expect(clock.pending).toBe(0);
  });

  const fail = (): never => {
    throw new Error('no connection');
  };

  it('renews a new lease at once, since nobody knows how much of it is left, and then every third of it', async () => {
    renewer.add('a', clock.monoNow());
    await clock.advance(leaseMs);
    expect(renewals.map(({ atMs }) => atMs)).toStrictEqual([0, 10_000, 20_000, 30_000]);
    expect(lost).toStrictEqual([]);
  });

  it('renews at once also an owner that comes later, and one that comes while others are renewed', async () => {
    renewer.add('a', clock.monoNow());
    await clock.advance(4000);
    server = (owners) => {
      if (owners.length === 2) renewer.add('c', clock.monoNow());
      return owners.map(() => 1);
    };
    renewer.add('b', clock.monoNow());
    await clock.advance(0);
    expect(renewals).toStrictEqual([
      { atMs: 0, owners: ['a'] },
      { atMs: 4000, owners: ['a', 'b'] },
      { atMs: 4000, owners: ['a', 'b', 'c'] },
    ]);
  });

  it('keeps a lease over an outage that ends before the lease does', async () => {
    renewer.add('a', clock.monoNow());
    await clock.advance(10_000);
    server = fail;
    // The call of 20,000 is in vain, and the server is back before the lease of 10,000 has run out.
    await clock.advance(20_500);
    server = (owners) => owners.map(() => (clock.monoNow() < 40_000 ? 1 : 0));
    await clock.advance(9000);
    expect(renewals.at(-1)?.atMs).toBe(31_000);
    expect(lost).toStrictEqual([]);
  });

  it('gives up a lease that could not be renewed before others may take it', async () => {
    renewer.add('a', clock.monoNow());
    await clock.advance(0);
    server = fail;
    await clock.advance(leaseMs - 1);
    expect(lost).toStrictEqual(['a']);
    expect(lostAtMs).toBe(27_000);
  });

  it('tells once what the server finds lost, and renews what is left', async () => {
    renewer.add('a', clock.monoNow());
    renewer.add('b', clock.monoNow());
    server = (owners) => owners.map((owner) => (owner === 'a' ? 0 : 1));
    await clock.advance(10_000);
    expect(lost).toStrictEqual(['a']);
    expect(renewals.at(-1)?.owners).toStrictEqual(['b']);
  });

  it('does not ask where there is nobody', async () => {
    renewer.add('a', clock.monoNow());
    renewer.remove('a');
    await clock.advance(leaseMs);
    expect(renewals).toStrictEqual([]);
  });
});
