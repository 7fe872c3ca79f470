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
  TaskHttpController,
  TaskQueueTesting,
  TaskQueueTestingModule,
} from '../../src/index.js';
import { closeAppsAfterEach } from '../support/apps.js';
import { coded } from '../support/errors.js';
import { DemoTasks } from '../support/demo-tasks.js';
import { type AdapterName, eventsOf, listen } from '../support/http.js';
import { providers, withHttp, testingOf, ran, running, untilWatched } from '../support/task-server.js';

closeAppsAfterEach();

describe.each<AdapterName>(['express', 'fastify'])('the endpoints on %s', (adapter) => {
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
