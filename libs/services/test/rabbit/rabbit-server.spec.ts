import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeWith, RabbitServer, waitFor } from '@lovage/services';
import { compileServices, outsideJest } from '../process/outside-jest.js';
import { processRuns } from '../process/process-probes.js';

// A node boots for some seconds, and on a busy machine for many.
jest.setTimeout(180_000);

const declare = (vhost: string, queue: string, durable: boolean): string =>
  `element(1, rabbit_amqqueue:declare(rabbit_misc:r(<<"${vhost}">>, queue, <<"${queue}">>), ${durable}, false, [], none, <<"guest">>)).`;

describeWith('rabbitmq-server', 'RabbitServer', () => {
  const rabbit = new RabbitServer();

  beforeAll(async () => {
    await rabbit.start();
  });

  afterAll(async () => {
    await rabbit.close();
  });

  it('speaks AMQP when it has started', async () => {
    expect(rabbit.url).toBe(`amqp://guest:guest@127.0.0.1:${rabbit.port}/%2F`);
    expect(await greeting(rabbit.port)).toContain('RabbitMQ');
  });

  it('evaluates Erlang, many at a time, and tells of errors', async () => {
    await expect(rabbit.evaluate('#{a => 1, b => [true, <<"ü"/utf8>>]}.')).resolves.toStrictEqual({
      a: 1,
      b: [true, 'ü'],
    });
    await expect(rabbit.evaluate('{a, 1}.')).resolves.toBe('{a,1}');
    await expect(Promise.all([1, 2, 3].map((n) => rabbit.evaluate(`${n} * 2.`)))).resolves.toStrictEqual([
      2, 4, 6,
    ]);
    await expect(rabbit.evaluate('foo:bar().')).rejects.toThrow('undef');
    await expect(rabbit.evaluate('no [ Erlang')).rejects.toThrow('could not evaluate');
  });

  it('has virtual hosts that know nothing of each other', async () => {
    const [one, two] = [await rabbit.createVhost(), await rabbit.createVhost()];
    expect(one.url).toBe(rabbit.urlOf(one.name));
    await expect(rabbit.evaluate(declare(one.name, 'mail', true))).resolves.toBe('new');
    await expect(rabbit.queues(one.name)).resolves.toStrictEqual([
      { name: 'mail', type: 'classic', messages: 0, ready: 0, unacknowledged: 0, consumers: 0 },
    ]);
    await expect(rabbit.queues(two.name)).resolves.toStrictEqual([]);
    await rabbit.deleteQueue(one.name, 'mail');
    await expect(rabbit.queues(one.name)).resolves.toStrictEqual([]);
    await rabbit.deleteVhost(two.name);
    await rabbit.deleteVhost(two.name);
  });

  it('keeps what is durable over a stop and over a crash, with its port', async () => {
    const { name } = await rabbit.createVhost();
    const { port } = rabbit;
    await rabbit.evaluate(declare(name, 'durable', true));
    await rabbit.evaluate(declare(name, 'transient', false));
    await rabbit.stop();
    expect(rabbit.running).toBe(false);
    await rabbit.start();
    expect(rabbit.port).toBe(port);
    expect((await rabbit.queues(name)).map((queue) => queue.name)).toStrictEqual(['durable']);
    await rabbit.kill();
    await rabbit.start();
    expect((await rabbit.queues(name)).map((queue) => queue.name)).toStrictEqual(['durable']);
    expect(await greeting(port)).toContain('RabbitMQ');
  });

  it('raises and takes back the alarm of its memory', async () => {
    await rabbit.memoryAlarm(true);
    await expect(rabbit.evaluate('length(rabbit_alarm:get_alarms()).')).resolves.toBe(1);
    await rabbit.memoryAlarm(false);
    await expect(rabbit.evaluate('length(rabbit_alarm:get_alarms()).')).resolves.toBe(0);
  });

  it('takes another time limit for acknowledgements', async () => {
    await rabbit.setConsumerTimeout(1500);
    await expect(rabbit.evaluate('rabbit_misc:get_env(rabbit, consumer_timeout, 0).')).resolves.toBe(1500);
  });

  it('does not start twice, and not after it was closed', async () => {
    const parentFolder = mkdtempSync(join(tmpdir(), 'lovage-test-'));
    const other = new RabbitServer({ parentFolder });
    await other.stop();
    const starting = other.start();
    await Promise.all([other.close(), expect(starting).rejects.toMatchObject({ code: 'PROGRAM_STOPPED' })]);
    await other.close();
    expect(readdirSync(parentFolder)).toStrictEqual([]);
    rmSync(parentFolder, { recursive: true });
    await expect(other.start()).rejects.toMatchObject({ code: 'PROGRAM_STOPPED' });
  });

  it('listens with TLS', async () => {
    await using tls = new RabbitServer({ tls: true });
    await tls.start();
    expect(tls.url).toMatch(/^amqps:/);
    expect(tls.ca).toContain('CERTIFICATE');
    await expect(
      tls.evaluate('[element(4, L) || L <- rabbit_networking:active_listeners()].'),
    ).resolves.toBeDefined();
  });

  it('is gone with its folder when the test process is killed', async () => {
    compileServices();
    const folder = mkdtempSync(join(tmpdir(), 'lovage-test-'));
    const program = outsideJest(
      `import { RabbitServer } from '@lovage/services';
       const rabbit = new RabbitServer({ parentFolder: process.argv[1] });
       await rabbit.start();
       console.log('rabbit ' + rabbit.pid);
       setInterval(() => undefined, 1000);`,
      [folder],
    );
    await program.start();
    const [, pid = ''] = await program.waitForLine(/^rabbit ([0-9]+)$/, { withinMs: 120_000 });
    expect(processRuns(Number(pid))).toBe(true);
    process.kill(program.pid, 'SIGKILL');
    await waitFor(() => !processRuns(Number(pid)), { withinMs: 60_000, what: 'RabbitMQ to be gone' });
    await waitFor(() => !existsSync(folder) || readdirSync(folder).length === 0, {
      withinMs: 60_000,
      what: 'its folder to be gone',
    });
    rmSync(folder, { recursive: true });
  });
});

describe('RabbitServer without RabbitMQ', () => {
  it('says so', async () => {
    const rabbit = new RabbitServer({ executable: '/nowhere/rabbitmq-server' });
    await expect(rabbit.start()).rejects.toMatchObject({ code: 'PROGRAM_NOT_STARTED' });
    expect(() => rabbit.port).toThrow('has not been started');
    await rabbit.close();
  });
});

/** What a server says first: its properties. */
async function greeting(port: number): Promise<string> {
  return await new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('AMQP\0\0\x09\x01'));
    socket.once('error', reject);
    socket.once('data', (data) => {
      socket.destroy();
      resolve(data.toString('latin1'));
    });
  });
}
