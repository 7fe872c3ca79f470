import { isDeepStrictEqual } from 'node:util';
import type { AppOptions } from '@lovage/core';
import { type ProgramName, describeWith, waitFor } from '@lovage/services';
import { type DeployedProcess, Deployment } from './deployed-process.js';

/** A broker to deploy on, empty for each test. */
export interface DeploymentBroker {
  readonly name: string;
  readonly program: ProgramName;
  start(): Promise<void>;
  /** URL of a place that nobody has used. */
  fresh(): Promise<string>;
  close(): Promise<void>;
}

const withinMs = 60_000;

/** The five recipes of docs/deployments.md, each with several processes. */
// Longer than any wait within, which says what was missing.
jest.setTimeout(240_000);

export function describeDeployments(broker: DeploymentBroker): void {
  describeWith(broker.program, `deployments (${broker.name})`, () => {
    const deployment = new Deployment();
    let url: string;

    beforeAll(async () => await broker.start());
    beforeEach(async () => {
      url = await broker.fresh();
    });
    afterEach(async () => await deployment.clear());
    afterAll(async () => {
      await deployment.close();
      await broker.close();
    });

    const start = async (
      host: string,
      options: AppOptions,
      tasks: readonly string[] = ['work'],
    ): Promise<DeployedProcess> => await deployment.start({ url, host, tasks, options });

    /** Waits until the processes have run exactly these together, each once. */
    async function shared(processes: readonly DeployedProcess[], expected: readonly string[]): Promise<void> {
      const ran = (): readonly string[] => processes.flatMap((one) => one.ran).toSorted();
      await waitFor(() => ran().length >= expected.length, {
        what: `${expected.length} runs among ${processes.length} processes`,
        withinMs,
      }).catch((error: unknown) => {
        const said = processes.map(({ program }) => `${program.name}: ${program.output('stdout')}`);
        throw new Error(said.join('\n'), { cause: error });
      });
      expect(ran()).toStrictEqual(expected.toSorted());
      for (const { complaints } of processes) expect(complaints).toStrictEqual([]);
    }

    /** Every second; nobody else sends this task. */
    const beatSchedule = { work: { task: 'work', schedule: 1 } };

    /** Waits until the processes have run so many ticks together; gives the ids. */
    async function ticks(processes: readonly DeployedProcess[], count: number): Promise<readonly string[]> {
      const ran = (): readonly string[] => processes.flatMap((one) => one.ran);
      await waitFor(() => ran().length >= count, { what: `${count} ticks`, withinMs });
      return ran();
    }

    it('one schedule, one worker runs, also with two beats', async () => {
      const options = { queues: ['reports'], routes: { work: 'reports' }, beatSchedule };
      const workers = [
        await start('a', { ...options, worker: true }),
        await start('b', { ...options, worker: true }),
        await start('c', { ...options, worker: true }),
      ];
      const beats = [
        await start('beat-1', { ...options, beat: true }, []),
        await start('beat-2', { ...options, beat: true }, []),
      ];
      await ticks(workers, 3);
      for (const beat of beats) await beat.leave();
      // What was sent has arrived when something that was sent later has.
      const sender = await start('web', options, []);
      await sender.send('work', { args: ['last'] });
      await waitFor(() => workers.some((one) => one.ran.includes('last')), {
        what: 'the last task',
        withinMs,
      });
      const ran = await ticks(workers, 4);
      expect(new Set(ran).size).toBe(ran.length);
    });

    it('one schedule, every host runs, also one that was away', async () => {
      const options: AppOptions = {
        exchanges: [{ name: 'rotate', type: 'fanout' }],
        queues: ['rotate.%h'],
        bindings: [{ queue: 'rotate.%h', exchange: 'rotate' }],
        routes: { work: { exchange: 'rotate' } },
        beatSchedule,
      };
      const worker = { ...options, worker: { queues: ['rotate.%h'] } };
      const web = await start('web-1.example.org', worker);
      const twin = await start('web-1.example.org', worker);
      const away = await start('db-1.example.org', worker);
      const beat = await start('beat', { ...options, beat: true }, []);
      await ticks([away], 2);
      expect(away.queues).toStrictEqual(['rotate.db-1.example.org']);
      await away.leave();
      await ticks([web, twin], away.ran.length + 2);
      await beat.leave();
      const back = await start('db-1.example.org', worker);
      const sender = await start('sender', options, []);
      await sender.send('work', { args: ['last'] });
      const ofHost = (processes: readonly DeployedProcess[]): readonly string[] =>
        processes.flatMap((one) => one.ran).toSorted();
      const both = (): readonly (readonly string[])[] => [ofHost([web, twin]), ofHost([away, back])];
      await waitFor(() => isDeepStrictEqual(both()[0], both()[1]) && back.ran.includes('last'), {
        what: 'the same on both hosts',
        withinMs,
      });
      for (const ran of both()) expect(new Set(ran).size).toBe(ran.length);
      for (const { complaints } of [web, twin, away, back]) expect(complaints).toStrictEqual([]);
      expect(back.ran.length).toBeGreaterThan(1);
    });

    it('one request, one worker runs', async () => {
      const options = { queues: ['media'], routes: { work: 'media' } };
      const workers = [
        await start('a', { ...options, worker: { concurrency: 1, prefetch: 1 } }),
        await start('b', { ...options, worker: { concurrency: 1, prefetch: 1 } }),
      ];
      const requests = Array.from({ length: 10 }, (_, index) => `request-${index}`);
      const web = [await start('web-1', options, []), await start('web-2', options, [])];
      for (const [index, request] of requests.entries()) {
        await web[index % web.length]?.send('work', { args: [request] });
      }
      await shared(workers, requests);
    });

    it('one request, every worker runs', async () => {
      const options: AppOptions = { queues: ['celery', { name: 'files', broadcast: true }] };
      const worker = { ...options, worker: true };
      const web = await start('web', options, []);
      // Nobody would ever store the file: the caller must know.
      await expect(web.refused('work', { args: ['lost'], queue: 'files' })).resolves.toBe(
        'LOVAGE_UNROUTABLE',
      );
      const first = await start('a', worker);
      const second = await start('a', worker);
      const third = await start('b', { ...worker, worker: { queues: ['files'] } });
      await web.send('work', { args: ['everywhere'], queue: 'files' });
      await web.send('work', { args: ['somewhere'], queue: 'celery' });
      await shared([third], ['everywhere']);
      await shared([first, second], ['everywhere', 'everywhere', 'somewhere']);
      await third.leave();
      await web.send('work', { args: ['later'], queue: 'files' });
      await shared([first, second], ['everywhere', 'everywhere', 'somewhere', 'later', 'later']);
      // A worker that comes later hears what is said from then on.
      const fourth = await start('c', worker);
      await web.send('work', { args: ['last'], queue: 'files' });
      await shared([fourth], ['last']);
    });

    it('project A publishes to an exchange that a queue of project B is bound to', async () => {
      const orders = { name: 'orders', type: 'fanout' } as const;
      const shop = await start('shop', { defaultQueue: 'shop', exchanges: [orders] }, []);
      const call = (order: string) => ({ args: [order], exchange: 'orders' });
      await expect(shop.refused('billing.invoice', call('early'))).resolves.toBe('LOVAGE_UNROUTABLE');
      const billing: AppOptions = {
        defaultQueue: 'billing',
        exchanges: [orders],
        bindings: [{ queue: 'billing', exchange: 'orders' }],
        worker: true,
      };
      const workers = [
        await start('billing-1', billing, ['billing.invoice']),
        await start('billing-2', billing, ['billing.invoice']),
      ];
      const stock = await start(
        'stock',
        {
          defaultQueue: 'stock',
          exchanges: [orders],
          bindings: [{ queue: 'stock', exchange: 'orders' }],
          worker: true,
        },
        ['billing.invoice'],
      );
      const sent = ['order-1', 'order-2', 'order-3'];
      for (const order of sent) await shop.send('billing.invoice', call(order));
      await shared(workers, sent);
      await shared([stock], sent);
    });
  });
}
