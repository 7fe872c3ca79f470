import { Inject, Injectable, Scope } from '@nestjs/common';
import {
  type ContextId,
  ContextIdFactory,
  type ContextIdStrategy,
  type HostComponentInfo,
  REQUEST,
} from '@nestjs/core';
import {
  currentTask,
  runTask,
  Task,
  type TaskContext,
  TaskQueueTesting,
  TaskQueueTestingModule,
  tasksOf,
} from '../../src/index.js';
import { closeAppsAfterEach, startApp } from '../support/apps.js';

closeAppsAfterEach();

describe('tasks of a request scoped provider', () => {
  @Injectable({ scope: Scope.REQUEST })
  class Session {
    static made = 0;
    readonly number = ++Session.made;
    constructor(@Inject(REQUEST) readonly task: TaskContext) {}
  }

  @Injectable()
  class ScopedTasks {
    constructor(private readonly session: Session) {}

    @Task()
    whoami(): { readonly number: number; readonly id: string; readonly same: boolean } {
      return {
        number: this.session.number,
        id: this.session.task.id,
        same: this.session.task === currentTask(),
      };
    }
  }

  it('have an instance for each run, with the task as its request', async () => {
    const app = await startApp({
      imports: [TaskQueueTestingModule.forRoot()],
      providers: [Session, ScopedTasks],
    });
    const testing = app.get(TaskQueueTesting);
    const tasks = tasksOf(ScopedTasks, testing.client);
    const results = await Promise.all([tasks.whoami.delay(), tasks.whoami.delay(), tasks.whoami.delay()]);
    await testing.drain();
    const values = await Promise.all(results.map(async (result) => await result.get()));
    expect(values.map(({ id }) => id)).toEqual(results.map(({ id }) => id));
    expect(values.every(({ same }) => same)).toBe(true);
    expect(new Set(values.map(({ number }) => number)).size).toBe(3);
  });

  it('share what is request scoped within one run', async () => {
    @Injectable()
    class First {
      constructor(readonly session: Session) {}
    }
    @Injectable()
    class Both {
      constructor(
        private readonly first: First,
        private readonly session: Session,
      ) {}

      @Task()
      shared(): boolean {
        return this.first.session === this.session;
      }
    }
    const app = await startApp({
      imports: [TaskQueueTestingModule.forRoot()],
      providers: [Session, First, Both],
    });
    expect(await runTask(app, Both, 'shared', [])).toBe(true);
  });
});

describe('tasks of a transient provider', () => {
  it('have an instance for each run', async () => {
    let made = 0;
    @Injectable({ scope: Scope.TRANSIENT })
    class Fresh {
      private readonly number = ++made;

      @Task()
      count(): number {
        return this.number;
      }
    }
    const app = await startApp({ imports: [TaskQueueTestingModule.forRoot()], providers: [Fresh] });
    const first = await runTask(app, Fresh, 'count', []);
    expect(await runTask(app, Fresh, 'count', [])).toBeGreaterThan(first);
  });
});

describe('tasks of a durable provider', () => {
  /** One tree of providers for each tenant, as the Nest documentation has it for requests. */
  class ByTenant implements ContextIdStrategy<TaskContext> {
    private readonly tenants = new Map<string, ContextId>();

    attach(contextId: ContextId, request: TaskContext) {
      const tenant = String(request.headers['x-tenant-id']);
      let durable = this.tenants.get(tenant);
      if (durable === undefined) {
        durable = ContextIdFactory.create();
        this.tenants.set(tenant, durable);
      }
      const shared = durable;
      return {
        resolve: (info: HostComponentInfo) => (info.isTreeDurable ? shared : contextId),
        payload: { tenant },
      };
    }
  }

  afterEach(() => ContextIdFactory.apply(undefined as unknown as ContextIdStrategy));

  it('share an instance as the strategy says', async () => {
    let made = 0;
    @Injectable({ scope: Scope.REQUEST, durable: true })
    class TenantTasks {
      private readonly number = ++made;
      constructor(@Inject(REQUEST) private readonly request: { readonly tenant: string }) {}

      @Task()
      whose(): string {
        return `${this.request.tenant} ${this.number}`;
      }
    }
    ContextIdFactory.apply(new ByTenant());
    const app = await startApp({ imports: [TaskQueueTestingModule.forRoot()], providers: [TenantTasks] });
    const testing = app.get(TaskQueueTesting);
    const run = async (tenant: string): Promise<string> => {
      const result = await tasksOf(TenantTasks, testing.client).whose.applyAsync([], {
        headers: { 'x-tenant-id': tenant },
      });
      await testing.drain();
      return await result.get();
    };
    expect(await run('red')).toBe('red 1');
    expect(await run('blue')).toBe('blue 2');
    expect(await run('red')).toBe('red 1');
  });
});
