import { Controller, Injectable } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import {
  ScheduleHttpController,
  Schedules,
  Task,
  TaskClient,
  TaskHttpController,
  TaskQueueModule,
} from '../../src/index.js';
import { closedAfterwards, closeAppsAfterEach, compileApp } from '../support/apps.js';

@Injectable()
class DemoTasks {
  @Task()
  run(): void {}
}

@Controller('jobs')
class JobsController extends TaskHttpController {
  constructor(tasks: TaskClient) {
    super(tasks, {});
  }
}

@Controller('plans')
class PlansController extends ScheduleHttpController {
  // reason: Nest reads from it what to inject.
  // oxlint-disable-next-line no-useless-constructor
  constructor(schedules: Schedules) {
    super(schedules);
  }
}

closeAppsAfterEach();

describe('the OpenAPI document', () => {
  it.each([
    ['of the option http', { http: { path: 'jobs' } }, []],
    ['of a controller of your own', {}, [JobsController]],
  ])('describes the endpoints %s', async (_, options, controllers) => {
    const moduleRef = await compileApp({
      imports: [TaskQueueModule.forRoot(options)],
      providers: [DemoTasks],
      controllers,
    });
    const app = closedAfterwards(moduleRef.createNestApplication());
    const document = SwaggerModule.createDocument(app, new DocumentBuilder().build());
    expect(Object.keys(document.paths)).toEqual(['/jobs/{id}', '/jobs/{id}/events']);
    const get = document.paths['/jobs/{id}']?.get;
    expect(get?.summary).toMatch(/State, progress, result or error/);
    expect(get?.parameters).toEqual([
      expect.objectContaining({ name: 'id', in: 'path', required: true, schema: { type: 'string' } }),
      expect.objectContaining({ name: 'wait', in: 'query', required: false }),
    ]);
    expect(Object.keys(get?.responses ?? {})).toEqual(['200', '400', '404']);
    expect(document.paths['/jobs/{id}/events']?.get?.responses['200']).toMatchObject({
      content: { 'text/event-stream': {} },
    });
    const remove = document.paths['/jobs/{id}']?.delete;
    expect(remove?.parameters).toContainEqual(expect.objectContaining({ name: 'terminate', in: 'query' }));
    expect(Object.keys(remove?.responses ?? {})).toEqual(['202', '400', '404']);
    expect(get?.tags).toEqual(['tasks']);
  });

  it.each([
    ['of the option http', { http: { path: 'jobs', schedules: 'plans' } }, []],
    ['of a controller of your own', {}, [PlansController]],
  ])('describes the endpoints of schedules %s', async (_, options, controllers) => {
    const moduleRef = await compileApp({
      imports: [TaskQueueModule.forRoot(options)],
      providers: [DemoTasks],
      controllers,
    });
    const app = closedAfterwards(moduleRef.createNestApplication());
    const { paths } = SwaggerModule.createDocument(app, new DocumentBuilder().build());
    const methods = Object.entries(paths).flatMap(([path, item]) =>
      path.startsWith('/plans')
        ? Object.entries(item).map(([method, { responses }]) => [
            `${method} ${path}`,
            Object.keys(responses as object).join(' '),
          ])
        : [],
    );
    expect(Object.fromEntries(methods)).toEqual({
      'get /plans': '200',
      'post /plans': '201 400 409',
      'get /plans/{name}': '200 404',
      'patch /plans/{name}': '200 400 404 409',
      'delete /plans/{name}': '204 404 409',
      'post /plans/{name}/pause': '200 404 409',
      'post /plans/{name}/resume': '200 404 409',
      'post /plans/{name}/run': '202 400 404',
    });
    expect(paths['/plans']?.get?.tags).toEqual(['schedules']);
    expect(paths['/plans']?.post?.requestBody).toMatchObject({
      content: { 'application/json': { schema: { required: ['name', 'task', 'schedule'] } } },
    });
    expect(paths['/plans/{name}']?.get?.parameters).toEqual([
      expect.objectContaining({ name: 'name', in: 'path', required: true }),
    ]);
  });
});
