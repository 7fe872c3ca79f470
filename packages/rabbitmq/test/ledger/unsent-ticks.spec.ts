import { randomUUID } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { type Channel, type ChannelModel, connect, type GetMessage } from 'amqplib';
import { Deadline, type Lease, type Ledger, type Publication, SystemClock, type WallMs } from '@lovage/core';
import { describeWith, RabbitServer } from '@lovage/services';
import { createDriver, type RabbitDriver } from '../../src/index.js';
import { readEntry, writeEntry } from '../../src/ledger/log-entry.js';
import { StreamLog } from '../../src/log/stream-log.js';
import { UnsentTicks } from '../../src/ledger/unsent-ticks.js';

jest.setTimeout(180_000);

const clock = new SystemClock();
const toQueue = (routingKey: string, { id }: { readonly id: string }): Publication => ({
  message: {
    contentType: 'application/json',
    contentEncoding: 'utf-8',
    headers: { lang: 'js', task: 'tick', id },
    properties: { correlationId: id, deliveryMode: 2 },
    body: '[[],{},{"callbacks":null,"errbacks":null,"chain":null,"chord":null}]',
  },
  exchange: '',
  routingKey,
});
const deadline = (): Deadline => Deadline.in(clock, 60_000);

/** A calendar that is a minute ahead: for it, what others have recorded just now is old. */
class LaterClock extends SystemClock {
  override wallNow(): WallMs {
    return (super.wallNow() + 60_000) as WallMs;
  }
}

describeWith('rabbitmq-server', 'ticks of a beat that dies', () => {
  const rabbit = new RabbitServer();
  const drivers: RabbitDriver[] = [];
  let url: string;
  let connection: ChannelModel;
  let channel: Channel;

  beforeAll(async () => {
    await rabbit.start();
  });

  afterAll(async () => {
    await rabbit.close();
  });

  beforeEach(async () => {
    ({ url } = await rabbit.createVhost());
    connection = await connect(url);
    channel = await connection.createChannel();
    await channel.assertQueue('ticks', { durable: true });
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await connection.close();
    for (const driver of drivers.splice(0)) await ledgerOf(driver).close({ deadline: deadline() });
  });

  async function open(of = clock): Promise<RabbitDriver> {
    const driver = createDriver(new URL(url), { clock: of, newId: randomUUID });
    drivers.push(driver);
    await ledgerOf(driver).open({ deadline: deadline() });
    return driver;
  }

  async function lead(driver: RabbitDriver): Promise<Lease> {
    const outcome = await ledgerOf(driver).acquire({
      name: 'beat',
      owner: 'a',
      ttlMs: 3_600_000,
      deadline: deadline(),
    });
    if (outcome.kind === 'held') throw new Error('another leads');
    return outcome.lease;
  }

  const record = async (driver: RabbitDriver, lease: Lease, publication: Publication) =>
    await ledgerOf(driver).recordTick({
      tick: {
        schedule: String(publication.message.headers['id']),
        dueMs: 1,
        lease,
        ttlMs: 3_600_000,
        publication,
      },
      deadline: deadline(),
    });

  /** Nobody hears that it has sent something, as when it dies before it says so. */
  function diesBeforeItStrikes(): void {
    const append = Reflect.get(StreamLog.prototype, 'append');
    jest.spyOn(StreamLog.prototype, 'append').mockImplementation(function (this: StreamLog, content) {
      const entry = readEntry(content);
      if (entry?.kind !== 'batch') throw new Error('no snapshot is due so early');
      const operations = entry.operations.map((one) => (one.op === 'sent' ? { ...one, op: 'unheard' } : one));
      append.call(this, writeEntry({ ...entry, operations: operations as typeof entry.operations }));
    });
  }

  /** Records a tick, and dies before it sends the message. */
  async function dieBeforeSending(driver: RabbitDriver, lease: Lease, id: string): Promise<void> {
    await new Promise<void>((resolve) => {
      jest.spyOn(UnsentTicks.prototype, 'send').mockImplementationOnce(async () => {
        driver.destroy();
        resolve();
        return await new Promise<never>(() => undefined);
      });
      record(driver, lease, toQueue('ticks', { id })).catch(() => undefined);
    });
  }

  async function next(): Promise<GetMessage> {
    for (;;) {
      const message = await channel.get('ticks', { noAck: true });
      if (message !== false) return message;
      await turn();
    }
  }

  const idOf = ({ properties }: GetMessage): unknown => properties.headers?.['id'];

  it('are not sent again where it died between the confirm and its strike, and are where it died before', async () => {
    const dying = await open();
    const lease = await lead(dying);
    diesBeforeItStrikes();
    expect(await record(dying, lease, toQueue('ticks', { id: 'sent' }))).toEqual({ kind: 'recorded' });
    await dieBeforeSending(dying, lease, 'unsent');
    const sent = await next();
    expect(idOf(sent)).toBe('sent');
    expect(sent.properties.headers).not.toHaveProperty('BCC');
    expect(sent.fields).toMatchObject({ exchange: '', routingKey: 'ticks' });
    jest.restoreAllMocks();
    await open(new LaterClock());
    const other = await next();
    expect(idOf(other)).toBe('unsent');
    expect(other.properties.headers).toMatchObject({ 'x-lovage-handed': true });
    expect(await channel.checkQueue('ticks')).toMatchObject({ messageCount: 0 });
  });

  it('may go to an exchange, and are struck out behind the confirm there', async () => {
    await channel.assertExchange('all', 'fanout');
    await channel.bindQueue('ticks', 'all', '');
    const driver = await open();
    const lease = await lead(driver);
    const publication = { ...toQueue('', { id: 'exchange' }), exchange: 'all', routingKey: '' };
    expect(await record(driver, lease, publication)).toEqual({ kind: 'recorded' });
    await dieBeforeSending(driver, lease, 'unsent');
    await open(new LaterClock());
    expect([idOf(await next()), idOf(await next())]).toEqual(['exchange', 'unsent']);
    expect(await channel.checkQueue('ticks')).toMatchObject({ messageCount: 0 });
  });

  it('are sent later where their queue refuses them first', async () => {
    await channel.assertQueue('full', {
      arguments: { 'x-max-length': 1, 'x-overflow': 'reject-publish' },
    });
    channel.sendToQueue('full', Buffer.from('x'));
    const driver = await open();
    const lease = await lead(driver);
    await expect(record(driver, lease, toQueue('full', { id: 'refused' }))).rejects.toMatchObject({
      code: 'LOVAGE_STORE_REFUSED',
    });
    await channel.purgeQueue('full');
    await open(new LaterClock());
    let found: GetMessage | false = false;
    while (found === false) {
      await turn();
      found = await channel.get('full', { noAck: true });
    }
    expect(idOf(found)).toBe('refused');
  });
});

function ledgerOf({ ledger }: RabbitDriver): Ledger {
  if (ledger === undefined) throw new Error('no ledger');
  return ledger;
}
