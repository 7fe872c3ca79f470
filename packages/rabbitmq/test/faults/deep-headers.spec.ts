import type { Writable } from 'node:stream';
import { connect } from 'amqplib';
import { describeWith, RabbitServer } from '@lovage/services';
import { FaultScene, numbered } from '../support/fault-scene.js';

/** A list in a list in a list. */
function deepValue(depth: number): Buffer {
  const lists = Array.from({ length: depth }, (_, index) => {
    const list = Buffer.alloc(5, 'A');
    list.writeUInt32BE(1 + 5 * index, 1);
    return list;
  });
  return Buffer.concat([...lists.toReversed(), Buffer.from('V')]);
}

function frame(type: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(7);
  head.writeUInt8(type);
  head.writeUInt16BE(1, 1);
  head.writeUInt32BE(payload.length, 3);
  return Buffer.concat([head, payload, Buffer.from([0xce])]);
}

/** As no client library writes it: a message to the queue "q" with one header. */
function published(header: Buffer, body: Buffer): Buffer {
  const method = Buffer.concat([
    Buffer.from([0, 60, 0, 40, 0, 0, 0]),
    Buffer.from('\u0001q'),
    Buffer.from([0]),
  ]);
  const table = Buffer.concat([Buffer.from('\u0004deep'), header]);
  const head = Buffer.alloc(18);
  head.writeUInt16BE(60);
  head.writeUInt32BE(body.length, 8);
  head.writeUInt16BE(1 << 13, 12);
  head.writeUInt32BE(table.length, 14);
  return Buffer.concat([frame(1, method), frame(2, Buffer.concat([head, table])), frame(3, body)]);
}

describeWith('rabbitmq-server', 'headers that are nested deeper than anybody can read', () => {
  const server = new RabbitServer();
  beforeAll(async () => await server.start());
  afterAll(async () => await server.close());

  it('come as none, and hold up nothing that is behind them', async () => {
    const { url, name } = await server.createVhost();
    const scene = await FaultScene.open(url);
    await scene.declare({ queues: [{ name: 'q' }] });
    const sender = await connect(url);
    try {
      await sender.createChannel();
      const { stream } = sender.connection as unknown as { readonly stream: Writable };
      stream.write(published(deepValue(20_000), Buffer.from('body')));
      await scene.until('it to be there', async () =>
        (await server.queues(name)).some((queue) => queue.name === 'q' && queue.ready === 1),
      );
      await scene.publish(numbered('q', 1));
      await scene.take(['q']);
      await scene.until('both to come', () => scene.deliveries.length >= 2);
      expect(scene.deliveries.map(({ message: { headers, body } }) => [headers['id'], String(body)])).toEqual(
        [
          [undefined, 'body'],
          ['0', '[[0],{},{}]'],
        ],
      );
      expect(scene.lost).toEqual([]);
      expect(
        await scene.settle({ kind: 'park', reason: { code: 'X', text: 'x' } }, ...scene.deliveries),
      ).toEqual([{ kind: 'settled' }, { kind: 'settled' }]);
    } finally {
      await sender.close();
      await scene.close();
    }
  });
});
