import {
  type CanActivate,
  Controller,
  type ExecutionContext,
  Injectable,
  Module,
  UseGuards,
  VersioningType,
} from '@nestjs/common';
import {
  Task,
  TaskClient,
  type TaskContext,
  TaskHttpController,
  TaskQueueTesting,
  TaskQueueTestingModule,
} from '../../src/index.js';
import { closeAppsAfterEach } from '../support/apps.js';
import { type AdapterName, dataOf, eventsOf, type HttpApp, listen } from '../support/http.js';
import { coded, rejection } from '../support/errors.js';

@Injectable()
class DemoTasks {
  static finish: () => void = () => undefined;
  static tell: (percent: number) => Promise<void> = async () => await Promise.resolve();

  @Task('add')
  add(x: number, y: number): number {
    return x + y;
  }

  @Task('nothing')
  nothing(): void {}

  @Task('fail')
  fail(): void {
    throw new RangeError('too far');
  }

  @Task({ name: 'long', bind: true })
  async long(task: TaskContext): Promise<string> {
    DemoTasks.tell = async (percent) => await task.updateState('PROGRESS', { percent });
    await new Promise<void>((resolve) => {
      DemoTasks.finish = resolve;
      task.signal.addEventListener('abort', () => resolve());
    });
    task.signal.throwIfAborted();
    return 'done';
  }
}

const providers = [DemoTasks];
const withHttp = (http: Parameters<typeof TaskQueueTestingModule.forRoot>[0] = { http: true }) =>
  TaskQueueTestingModule.forRoot(http);
const testingOf = ({ app }: HttpApp): TaskQueueTesting => app.get(TaskQueueTesting);

closeAppsAfterEach();

describe.each<AdapterName>(['express', 'fastify'])('the endpoints on %s', (adapter) => {
  const start = async (): Promise<HttpApp> => await listen(adapter, { imports: [withHttp()], providers });
  const ran = async (http: HttpApp, name: string, args: readonly unknown[] = []): Promise<string> => {
    const { id } = await testingOf(http).client.send(name, { args });
    await testingOf(http).drain();
    return id;
  };
  /** Sends a task that is then waiting to be finished. */
  const running = async (http: HttpApp): Promise<string> => {
    const { id } = await testingOf(http).client.send('long');
    await testingOf(http).clock.settle();
    return id;
  };

  describe('GET :id', () => {
    it('answers result, error and progress', async () => {
      const http = await start();
      const added = await ran(http, 'add', [2, 3]);
      const response = await fetch(`${http.url}/tasks/${added}`);
      expect(response.status).toBe(200);
      expect(response.headers.get('cache-control')).toBe('no-store');
      expect(await response.json()).toEqual({
        id: added,
        state: 'SUCCESS',
        ready: true,
        result: 5,
        dateDone: '2026-01-01T00:00:00.000Z',
      });

      const nothing = await ran(http, 'nothing');
      expect(await (await fetch(`${http.url}/tasks/${nothing}`)).json()).toMatchObject({
        state: 'SUCCESS',
        result: null,
      });

      const failed = await ran(http, 'fail');
      const body = await (await fetch(`${http.url}/tasks/${failed}`)).json();
      expect(body).toMatchObject({
        id: failed,
        state: 'FAILURE',
        ready: true,
        error: { type: 'RangeError', message: 'too far' },
      });
      expect(JSON.stringify(body)).not.toContain('    at ');

      const long = await running(http);
      expect(await (await fetch(`${http.url}/tasks/${long}`)).json()).toMatchObject({
        state: 'PENDING',
        ready: false,
      });
      await DemoTasks.tell(40);
      expect(await (await fetch(`${http.url}/tasks/${long}`)).json()).toEqual({
        id: long,
        state: 'PROGRESS',
        ready: false,
        progress: { percent: 40 },
      });
      DemoTasks.finish();
    });

    it.each(['unknown', 'x'.repeat(100), '%2e%2e%2f', '__proto__', encodeURIComponent('<script>')])(
      'answers 404 for an id that is not known, case %#',
      async (id) => {
        const http = await start();
        const response = await fetch(`${http.url}/tasks/${id}`);
        expect(response.status).toBe(404);
        expect(response.headers.get('content-type')).toContain('application/json');
        expect(await response.json()).toEqual({
          statusCode: 404,
          code: 'LOVAGE_TASK_ID_UNKNOWN',
          message: expect.any(String) as string,
        });
      },
    );
  });

  describe('GET :id?wait', () => {
    it('answers at once when the task is ready', async () => {
      const http = await start();
      const id = await ran(http, 'add', [1, 1]);
      expect(await (await fetch(`${http.url}/tasks/${id}?wait=10s`)).json()).toMatchObject({
        state: 'SUCCESS',
        result: 2,
      });
    });

    it('answers when the task becomes ready', async () => {
      const http = await start();
      const id = await running(http);
      const answer = fetch(`${http.url}/tasks/${id}?wait=10s`);
      await untilWatched(http, 1);
      await DemoTasks.tell(10);
      DemoTasks.finish();
      expect(await (await answer).json()).toMatchObject({ state: 'SUCCESS', result: 'done' });
    });

    it.each([
      ['10s', '10s', '0s'],
      ['10', '10s', '9s'],
      ['2h', '60s', '59s'],
    ] as const)('answers the present state after %s, at most 60 s', async (wait, after, before) => {
      const http = await start();
      const id = await running(http);
      await DemoTasks.tell(10);
      let answered = false;
      const answer = fetch(`${http.url}/tasks/${id}?wait=${wait}`).then((response) => {
        answered = true;
        return response.json();
      });
      await untilWatched(http, 1);
      await testingOf(http).advance(before);
      expect(answered).toBe(false);
      await testingOf(http).advance(after);
      expect(await answer).toMatchObject({ state: 'PROGRESS', ready: false, progress: { percent: 10 } });
      expect(watched(http)).toBe(0);
      DemoTasks.finish();
    });

    it.each(['soon', '-1', '1y', ''])('refuses wait=%s', async (wait) => {
      const http = await start();
      const response = await fetch(`${http.url}/tasks/x?wait=${wait}`);
      expect(response.status).toBe(400);
      expect(await response.json()).toEqual({
        statusCode: 400,
        code: 'LOVAGE_OPTION_INVALID',
        message: expect.stringContaining('"wait"') as string,
      });
    });

    it('refuses several waits, and does not wait for an unknown id', async () => {
      const http = await start();
      expect((await fetch(`${http.url}/tasks/x?wait=1&wait=2`)).status).toBe(400);
      expect((await fetch(`${http.url}/tasks/unknown?wait=10s`)).status).toBe(404);
    });

    it('ends when the client goes away', async () => {
      const http = await start();
      const id = await running(http);
      const leave = new AbortController();
      const answer = fetch(`${http.url}/tasks/${id}?wait=60s`, { signal: leave.signal });
      await untilWatched(http, 1);
      leave.abort();
      await rejection(answer);
      await untilWatched(http, 0);
      expect(watched(http)).toBe(0);
      DemoTasks.finish();
    });
  });

  describe('GET :id/events', () => {
    it('tells the present state and each change, and ends', async () => {
      const http = await start();
      const id = await running(http);
      const response = await fetch(`${http.url}/tasks/${id}/events`, { headers: { 'last-event-id': '99' } });
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toContain('text/event-stream');
      const events = eventsOf(response);
      expect(dataOf((await events.next()).value as string)).toEqual({ id, state: 'PENDING', ready: false });
      await DemoTasks.tell(50);
      expect(dataOf((await events.next()).value as string)).toMatchObject({
        state: 'PROGRESS',
        progress: { percent: 50 },
      });
      DemoTasks.finish();
      expect(dataOf((await events.next()).value as string)).toMatchObject({
        state: 'SUCCESS',
        ready: true,
        result: 'done',
      });
      expect((await events.next()).done).toBe(true);
      expect(watched(http)).toBe(0);
    });

    it('tells the end of a task that is ready already', async () => {
      const http = await start();
      const id = await ran(http, 'add', [1, 2]);
      const told: unknown[] = [];
      for await (const event of eventsOf(await fetch(`${http.url}/tasks/${id}/events`)))
        told.push(dataOf(event));
      expect(told).toEqual([expect.objectContaining({ state: 'SUCCESS', result: 3 })]);
    });

    it('gives signs of life in between', async () => {
      const http = await start();
      const id = await running(http);
      const events = eventsOf(await fetch(`${http.url}/tasks/${id}/events`));
      await events.next();
      await testingOf(http).advance('15s');
      expect((await events.next()).value).toMatch(/^: /);
      DemoTasks.finish();
    });

    it('answers 404 for an unknown id', async () => {
      const http = await start();
      const response = await fetch(`${http.url}/tasks/unknown/events`);
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({ statusCode: 404, code: 'LOVAGE_TASK_ID_UNKNOWN' });
    });

    it('leaves nothing behind when the client goes away', async () => {
      const http = await start();
      const id = await running(http);
      const timers = testingOf(http).clock.pending;
      const leave = new AbortController();
      const response = await fetch(`${http.url}/tasks/${id}/events`, { signal: leave.signal });
      const events = eventsOf(response);
      await events.next();
      expect(watched(http)).toBe(1);
      leave.abort();
      await rejection(events.next());
      await untilWatched(http, 0);
      expect(testingOf(http).clock.pending).toBe(timers);
      DemoTasks.finish();
    });
  });

  describe('DELETE :id', () => {
    it('revokes a task that waits', async () => {
      const http = await start();
      const { client } = testingOf(http);
      const { id } = await client.send('add', { args: [1, 2], countdown: '1m' });
      const response = await fetch(`${http.url}/tasks/${id}`, { method: 'DELETE' });
      expect(response.status).toBe(202);
      expect(await response.json()).toEqual({ id });
      await testingOf(http).advance('1m');
      await testingOf(http).drain();
      expect(await (await fetch(`${http.url}/tasks/${id}`)).json()).toMatchObject({
        state: 'REVOKED',
        ready: true,
      });
    });

    it('stops one that runs, with terminate', async () => {
      const http = await start();
      const id = await running(http);
      expect((await fetch(`${http.url}/tasks/${id}`, { method: 'DELETE' })).status).toBe(202);
      await testingOf(http).clock.settle();
      expect(await testingOf(http).client.result(id).state()).toBe('PENDING');
      expect((await fetch(`${http.url}/tasks/${id}?terminate=true`, { method: 'DELETE' })).status).toBe(202);
      await testingOf(http).drain();
      expect(await testingOf(http).client.result(id).state()).toBe('REVOKED');
    });

    it('holds for an id that is not known yet, and refuses nonsense', async () => {
      const http = await start();
      expect((await fetch(`${http.url}/tasks/later`, { method: 'DELETE' })).status).toBe(202);
      await testingOf(http).client.send('add', { args: [1, 2], taskId: 'later' });
      await testingOf(http).drain();
      expect(await testingOf(http).client.result('later').state()).toBe('REVOKED');
      const refused = await fetch(`${http.url}/tasks/x?terminate=maybe`, { method: 'DELETE' });
      expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([
        400,
        'LOVAGE_OPTION_INVALID',
      ]);
    });
  });

  it('end long polls and streams when the application is closed', async () => {
    const http = await listen(adapter, { imports: [withHttp()], providers }, undefined, false);
    const id = await running(http);
    const { client } = testingOf(http);
    const waiting = await client.send('add', { args: [1, 2], countdown: '1h' });
    const poll = fetch(`${http.url}/tasks/${waiting.id}?wait=60s`);
    const events = eventsOf(await fetch(`${http.url}/tasks/${waiting.id}/events`));
    await events.next();
    await untilWatched(http, 1);
    DemoTasks.finish();
    await http.app.close();
    expect(await (await poll).json()).toEqual({ id: waiting.id, state: 'PENDING', ready: false });
    expect((await events.next()).done).toBe(true);
    expect(id).toBeDefined();
  });

  it('are where path, prefix and version say', async () => {
    const http = await listen(
      adapter,
      { imports: [withHttp({ http: { path: 'jobs/status', version: '2' } })], providers },
      (app) => {
        app.setGlobalPrefix('api');
        app.enableVersioning({ type: VersioningType.URI });
      },
    );
    const id = await ran(http, 'add', [1, 1]);
    expect((await fetch(`${http.url}/api/v2/jobs/status/${id}`)).status).toBe(200);
    expect((await fetch(`${http.url}/tasks/${id}`)).status).toBe(404);
  });

  it('are guarded by the option, with what the guards inject', async () => {
    @Injectable()
    class Keys {
      readonly key = 'open sesame';
    }
    @Module({ providers: [Keys], exports: [Keys] })
    class KeysModule {}
    @Injectable()
    class KeyGuard implements CanActivate {
      constructor(private readonly keys: Keys) {}
      canActivate(context: ExecutionContext): boolean {
        return (
          context.switchToHttp().getRequest<{ headers: Record<string, string> }>().headers['x-key'] ===
          this.keys.key
        );
      }
    }
    const http = await listen(adapter, {
      imports: [withHttp({ http: { guards: [KeyGuard], imports: [KeysModule] } })],
      providers,
    });
    const id = await ran(http, 'add', [1, 1]);
    for (const path of [`/tasks/${id}`, `/tasks/${id}?wait=1s`, `/tasks/${id}/events`]) {
      expect((await fetch(http.url + path)).status).toBe(403);
      expect((await fetch(http.url + path, { headers: { 'x-key': 'open sesame' } })).status).toBe(200);
    }
    expect((await fetch(`${http.url}/tasks/${id}`, { method: 'DELETE' })).status).toBe(403);
  });

  it('can be a controller of your own', async () => {
    @Injectable()
    class DenyDelete implements CanActivate {
      canActivate(context: ExecutionContext): boolean {
        return context.getHandler().name !== 'revoke';
      }
    }
    @Controller('jobs')
    @UseGuards(DenyDelete)
    class JobsController extends TaskHttpController {
      constructor(tasks: TaskClient) {
        super(tasks, { maxWait: '5s', showTraceback: true });
      }
    }
    const http = await listen(adapter, { imports: [withHttp({})], controllers: [JobsController], providers });
    const failed = await ran(http, 'fail');
    const body = (await (await fetch(`${http.url}/jobs/${failed}`)).json()) as {
      error: { traceback: string };
    };
    expect(body.error.traceback).toContain('RangeError');
    expect((await fetch(`${http.url}/jobs/${failed}`, { method: 'DELETE' })).status).toBe(403);
    expect((await fetch(`${http.url}/tasks/${failed}`)).status).toBe(404);

    const id = await running(http);
    const answer = fetch(`${http.url}/jobs/${id}?wait=1h`);
    await untilWatched(http, 1);
    await testingOf(http).advance('5s');
    expect(await (await answer).json()).toMatchObject({ state: 'PENDING' });
    DemoTasks.finish();
  });

  it('are absent unless asked for', async () => {
    const http = await listen(adapter, { imports: [withHttp({})], providers });
    const id = await ran(http, 'add', [1, 1]);
    expect((await fetch(`${http.url}/tasks/${id}`)).status).toBe(404);
  });

  it('serve each app at its own path', async () => {
    @Injectable()
    class ReportTasks {
      @Task({ app: 'reports' })
      make(): string {
        return 'made';
      }
    }
    const http = await listen(adapter, {
      imports: [withHttp(), TaskQueueTestingModule.forRoot({ name: 'reports', http: { path: 'reports' } })],
      providers: [...providers, ReportTasks],
    });
    const reports = http.app.get<TaskQueueTesting>('lovage:testing:reports');
    const { id } = await reports.client.send('ReportTasks.make');
    await reports.drain();
    expect(await (await fetch(`${http.url}/reports/${id}`)).json()).toMatchObject({ result: 'made' });
    expect((await fetch(`${http.url}/tasks/${id}`)).status).toBe(404);
  });
});

describe('a controller of your own', () => {
  it('refuses wrong options', () => {
    class Wrong extends TaskHttpController {
      constructor() {
        super({} as TaskClient, { maxwait: '5s' } as object);
      }
    }
    expect(() => new Wrong()).toThrow(coded('LOVAGE_OPTION_INVALID'));
  });
});

/** Ids that requests follow in this process. */
function watched({ app }: HttpApp): number {
  return app.get<{ readonly hub: { readonly following: number } }>(TaskClient).hub.following;
}

async function untilWatched(http: HttpApp, count: number): Promise<void> {
  while (watched(http) !== count) await new Promise((resolve) => setImmediate(resolve));
}
