import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Topology } from '@lovage/core';
import { describeWith, RabbitServer } from '@lovage/services';
import { FaultScene, numbered } from '../support/fault-scene.js';

describeWith('rabbitmq-server', 'what the server refuses', () => {
  const server = new RabbitServer();
  const scenes: FaultScene[] = [];
  beforeAll(async () => await server.start());
  afterEach(async () => {
    for (const scene of scenes.splice(0)) await scene.close();
  });
  afterAll(async () => await server.close());

  const open = async (url: string): Promise<FaultScene> => {
    const scene = await FaultScene.open(url);
    scenes.push(scene);
    return scene;
  };

  it.each([
    ['a wrong password', () => server.urlOf('/', 'guest:wrong'), /Correct user and password/],
    ['a virtual host that is not there', () => server.urlOf('nowhere'), /rabbitmqctl add_vhost/],
    ['TLS where there is none', () => server.url.replace('amqp:', 'amqps:'), /speaks no TLS/],
  ])('is told at once, with what to do: %s', async (_what, url, advice) => {
    const opening = FaultScene.open(url());
    await expect(opening).rejects.toMatchObject({ code: 'LOVAGE_STORE_REFUSED' });
    await expect(opening).rejects.toThrow(advice);
    await expect(opening).rejects.not.toThrow(/wrong@|guest:/);
  });

  it('tells a user without the virtual host so', async () => {
    const { name } = await server.createVhost();
    await server.createUser('stranger', 'secret', name);
    const opening = FaultScene.open(server.urlOf('/', 'stranger:secret'));
    await expect(opening).rejects.toThrow(/set_permissions -p/);
  });

  it('tells which argument of a queue differs, and how to go on', async () => {
    const { url } = await server.createVhost();
    const scene = await open(url);
    await scene.declare({ queues: [{ name: 'q' }] });
    const again = scene.declare({ queues: [{ name: 'q', maxPriority: 7 }] });
    await expect(again).rejects.toMatchObject({ code: 'LOVAGE_QUEUE_CONFLICT' });
    await expect(again).rejects.toThrow(
      'queue "q": it exists with x-max-priority not set, and was declared with = 7. Declare it',
    );
    const other = scene.declare({ queues: [{ name: 'q', durable: false }] });
    await expect(other).rejects.toThrow(/it exists with durable = true, and was declared with = false/);
  });

  it('tells that an exchange is of another type', async () => {
    const { url } = await server.createVhost();
    const scene = await open(url);
    await scene.declare({ exchanges: [{ name: 'x', type: 'topic' }] });
    const again = scene.declare({ exchanges: [{ name: 'x', type: 'fanout' }] });
    await expect(again).rejects.toMatchObject({ code: 'LOVAGE_TOPOLOGY_CONFLICT' });
    await expect(again).rejects.toThrow(/it exists with type = topic, and was declared with = fanout/);
  });

  it.each<[string, Topology, RegExp]>([
    [
      'a routing key',
      { bindings: [{ queue: 'q', exchange: 'x', routingKey: 'k'.repeat(256) }] },
      /routing key of a binding of "q"/,
    ],
    [
      'an exchange',
      { bindings: [{ queue: 'q', exchange: 'x'.repeat(256), routingKey: '' }] },
      /exchange of a binding/,
    ],
    ['an argument', { queues: [{ name: 'q', arguments: { 'x-max-length': Number.NaN } }] }, /x-max-length/],
    [
      'the name of an argument',
      { queues: [{ name: 'q', arguments: { ['x'.repeat(256)]: 1 } }] },
      /arguments of the queue "q"/,
    ],
  ])('tells at once what can not be written: %s', async (_what, topology, problem) => {
    const { url } = await server.createVhost();
    const scene = await open(url);
    const declaring = scene.declare(topology);
    await expect(declaring).rejects.toMatchObject({ code: 'LOVAGE_OPTION_INVALID' });
    await expect(declaring).rejects.toThrow(problem);
  });

  it('tells whoever looks into a queue and may not', async () => {
    const { url, name } = await server.createVhost();
    await (await open(url)).declare({ queues: [{ name: 'secret' }, { name: 'secret.parked' }] });
    await server.createUser('blind', 'pw', name, '^(?!secret)');
    const scene = await open(server.urlOf(name, 'blind:pw'));
    const { inspector, broker } = scene.driver;
    await inspector?.open({ deadline: scene.deadline() });
    const queue = 'secret';
    const looking = inspector?.messages({ queue, place: 'ready', limit: 1, deadline: scene.deadline() });
    await expect(looking).rejects.toMatchObject({ code: 'LOVAGE_STORE_REFUSED' });
    await inspector?.close({ deadline: scene.deadline() });
    const unparking = broker?.unpark({
      queue,
      taskId: '1',
      publication: undefined,
      deadline: scene.deadline(),
    });
    await expect(unparking).rejects.toMatchObject({ code: 'LOVAGE_STORE_REFUSED' });
  });

  it('tells what a user may not do', async () => {
    const { url, name } = await server.createVhost();
    const scene = await open(url);
    await expect(scene.declare({ queues: [{ name: 'amq.mine' }] })).rejects.toThrow(/ACCESS_REFUSED/);
    expect(name).not.toBe('');
  });

  it('is told where it is the log of deliveries; what comes back counts once too often, and at once', async () => {
    const { url } = await server.createVhost();
    const [dying, scene] = [await open(url), await open(url)];
    await dying.declare({ queues: [{ name: 'q' }, { name: 'lovage.deliveries' }] });
    await dying.publish(numbered('q', 3));
    await dying.take(['q']);
    await dying.until('all to come', () => dying.deliveries.length === 3);
    await scene.drain(['q'], 1);
    dying.driver.destroy();
    await scene.until('all to come again', () => scene.deliveries.length === 3);
    expect(scene.deliveries.map(({ deliveries }) => deliveries)).toEqual([2, 2, 2]);
    const told = scene.warnings.map(String).join('\n');
    expect(told).toMatch(/use of the stream "lovage.deliveries"/);
    // That would be after the time that an answer may take.
    expect(told).not.toMatch(/could not be reached in time/);
    expect(scene.problems).toEqual([]);
  });
});

describeWith('rabbitmq-server', 'TLS', () => {
  const server = new RabbitServer({ tls: true });
  beforeAll(async () => await server.start());
  afterAll(async () => await server.close());

  it('connects where the URL names the authority, and tells what is missing where it does not', async () => {
    const ca = join(server.folder, 'authority.pem');
    await writeFile(ca, server.ca ?? '');
    const scene = await FaultScene.open(`${server.url}?ssl_ca_certs=${encodeURIComponent(ca)}`);
    await scene.declare({ queues: [{ name: 'q' }] });
    await scene.close();
    const opening = FaultScene.open(server.url);
    await expect(opening).rejects.toMatchObject({ code: 'LOVAGE_STORE_REFUSED' });
    await expect(opening).rejects.toThrow(/ssl_ca_certs/);
  });
});
