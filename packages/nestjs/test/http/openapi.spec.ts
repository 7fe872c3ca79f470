import { Controller, Injectable } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { Task, TaskClient, TaskHttpController, TaskQueueModule } from '../../src/index.js';
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
});
