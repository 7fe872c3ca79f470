import { randomUUID } from 'node:crypto';
import { Deadline, type Driver, type Ledger, type LedgerChange, SystemClock } from '@lovage/core';
import { describeWith, RabbitServer, waitFor } from '@lovage/services';
import { createDriver, type RabbitDriver } from '../../src/index.js';

// A node boots for some seconds, and on a busy machine for many.
jest.setTimeout(180_000);

const withinMs = 60_000;
const clock = new SystemClock();
const deadline = (ms = withinMs): Deadline => Deadline.in(clock, ms);

describeWith('rabbitmq-server', 'RabbitLedger when things break', () => {
  const rabbit = new RabbitServer();
  const drivers: RabbitDriver[] = [];
  const warnings: Error[] = [];
  let url: string;

  beforeAll(async () => {
    await rabbit.start();
  });

  afterAll(async () => {
    await rabbit.close();
  });

  beforeEach(async () => {
    ({ url } = await rabbit.createVhost());
  });

  afterEach(async () => {
    for (const driver of drivers.splice(0)) await ledgerOf(driver).close({ deadline: deadline() });
  });

  async function open(): Promise<Ledger> {
    const driver = createDriver(new URL(url), {
      clock,
      newId: randomUUID,
      onWarning: (warning) => warnings.push(warning),
    });
    drivers.push(driver);
    await ledgerOf(driver).open({ deadline: deadline() });
    return ledgerOf(driver);
  }

  const acquire = async (ledger: Ledger, name: string, owner: string) =>
    await ledger.acquire({ name, owner, ttlMs: 3_600_000, deadline: deadline() });

  it('tells at once who may read its log and not write it', async () => {
    const { name } = await rabbit.createVhost();
    await rabbit.createUser('reader', 'secret', name, '^lovage[.]');
    url = rabbit.urlOf(name, 'reader:secret');
    await expect(open()).rejects.toMatchObject({
      code: 'LOVAGE_STORE_REFUSED',
      message: expect.stringMatching(/use of the stream "lovage.ledger".*ACCESS_REFUSED/) as unknown,
    });
  });

  it('goes on when its connection is cut, with every call counted once', async () => {
    const ledger = await open();
    const told: LedgerChange[] = [];
    ledger.watch({ listener: (change) => told.push(change) });
    const calls: Promise<unknown>[] = [];
    for (let n = 0; n < 60; n += 1) {
      calls.push(
        ledger.putRecord({ kind: 'k', id: `i${n}`, value: 'v', expectedVersion: 0, deadline: deadline() }),
      );
      if (n % 20 === 10) await rabbit.closeConnections();
    }
    for (const outcome of await Promise.all(calls))
      expect(outcome).toStrictEqual({ kind: 'stored', version: 1 });
    expect(new Set(told.map((change) => (change.kind === 'record' ? change.id : '')))).toHaveProperty(
      'size',
      60,
    );
    expect(told).toHaveLength(60);
  });

  it.each(['stop', 'kill'] as const)('keeps its facts when the node has a %s', async (how) => {
    const [ledger, other] = [await open(), await open()];
    const held = await acquire(ledger, 'leader', 'a');
    await ledger.revoke({
      revocations: [{ taskId: 't', terminate: false }],
      ttlMs: 3_600_000,
      deadline: deadline(),
    });
    await rabbit[how]();
    await expect(ledger.revoked({ taskIds: ['t'], deadline: deadline(200) })).rejects.toMatchObject({
      code: 'LOVAGE_STORE_UNREACHABLE',
    });
    await rabbit.start();
    await expect(acquire(other, 'leader', 'b')).resolves.toMatchObject({ kind: 'held', owner: 'a' });
    const late = await open();
    await expect(late.revoked({ taskIds: ['t', 'x'], deadline: deadline() })).resolves.toStrictEqual(
      new Set(['t']),
    );
    expect(held.kind).toBe('acquired');
  });

  it('answers within its deadline when the node stands still, and later when it goes on', async () => {
    const ledger = await open();
    rabbit.pause();
    await expect(
      ledger.acquire({ name: 'leader', owner: 'a', ttlMs: 3_600_000, deadline: deadline(200) }),
    ).rejects.toMatchObject({ code: 'LOVAGE_STORE_UNREACHABLE' });
    rabbit.resume();
    // What was asked before did take effect, or not; asking again is harmless.
    await expect(acquire(ledger, 'leader', 'a')).resolves.toMatchObject({ kind: 'acquired' });
  });

  it('starts from a snapshot after many changes', async () => {
    const ledger = await open();
    const value = 'v'.repeat(2000);
    for (let n = 0; n < 40; n += 1) {
      await Promise.all(
        Array.from({ length: 25 }, async (_, index) =>
          ledger.putRecord({ kind: 'k', id: `${index}`, value, expectedVersion: n, deadline: deadline() }),
        ),
      );
    }
    const late = await open();
    const records = await late.records({ kind: 'k', limit: 1000, deadline: deadline() });
    expect(records.map(({ version }) => version)).toStrictEqual(Array.from({ length: 25 }, () => 40));
  });

  it('says so when somebody has a queue of that name', async () => {
    const name = new URL(url).pathname.slice(1);
    await rabbit.evaluate(
      `element(1, rabbit_amqqueue:declare(rabbit_misc:r(<<"${name}">>, queue, <<"lovage.ledger">>), true, false, [], none, <<"guest">>)).`,
    );
    await expect(open()).rejects.toMatchObject({ code: 'LOVAGE_STORE_REFUSED' });
    await waitFor(() => warnings.length > 0, { withinMs, what: 'a warning' });
  });

  it('may be closed while it opens, and stays quiet after that', async () => {
    const driver = createDriver(new URL(url), { clock, newId: randomUUID });
    const opening = ledgerOf(driver).open({ deadline: deadline() });
    await Promise.all([
      ledgerOf(driver).close({ deadline: deadline() }),
      expect(opening).rejects.toMatchObject({ code: 'LOVAGE_STORE_CLOSED' }),
    ]);
    await waitFor(async () => (await rabbit.connections(new URL(url).pathname.slice(1))) === 0, {
      withinMs,
      what: 'its connections to end',
    });
  });
});

function ledgerOf({ ledger }: Driver): Ledger {
  if (ledger === undefined) throw new Error('no ledger');
  return ledger;
}
