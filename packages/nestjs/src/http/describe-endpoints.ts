import { describeSchedules } from './describe-schedules.js';
import { TaskHttpController } from './task-http-controller.js';

/** JSON schema of the answers. */
const error = {
  type: 'object',
  required: ['statusCode', 'code', 'message'],
  properties: {
    statusCode: { type: 'integer' },
    code: { type: 'string', example: 'LOVAGE_TASK_ID_UNKNOWN' },
    message: { type: 'string' },
  },
};
const task = {
  type: 'object',
  required: ['id', 'state', 'ready'],
  properties: {
    id: { type: 'string' },
    state: {
      type: 'string',
      example: 'SUCCESS',
      description: 'PENDING, STARTED, RETRY, SUCCESS, FAILURE, REVOKED, or a word of the task',
    },
    ready: { type: 'boolean', description: 'It will not change any more' },
    result: { description: 'Return value, of SUCCESS' },
    error: {
      type: 'object',
      description: 'Of FAILURE, REVOKED and RETRY',
      required: ['type', 'message'],
      properties: {
        type: { type: 'string' },
        message: { type: 'string' },
        code: { type: 'string' },
        traceback: { type: 'string' },
      },
    },
    progress: { description: 'Of a state of the task, what it told last' },
    dateDone: { type: 'string', format: 'date-time' },
  },
};

let described: Promise<void> | undefined;

/**
 * Describes the endpoints for @nestjs/swagger, where it is installed. Its decorators are applied when an application
 * with these endpoints starts, so that nobody else loads the package. Once for the process: they belong to the class.
 */
export async function describeEndpoints(): Promise<void> {
  described ??= describe();
  await described;
}

async function describe(): Promise<void> {
  // reason: an optional peer; when it is absent there is nothing to describe for.
  const swagger = await import('@nestjs/swagger').catch(() => undefined);
  if (swagger === undefined) return;
  describeSchedules(swagger, error);
  const { ApiOperation, ApiParam, ApiProduces, ApiQuery, ApiResponse, ApiTags } = swagger;
  const id = ApiParam({ name: 'id', description: 'Task id', schema: { type: 'string' } });
  const unknown = ApiResponse({
    status: 404,
    description: 'The id was never sent, or its result has expired',
    schema: error,
  });
  const refused = ApiResponse({ status: 400, description: 'A query parameter is wrong', schema: error });

  ApiTags('tasks')(TaskHttpController);
  apply('findOne', [
    ApiOperation({ summary: 'State, progress, result or error of a task' }),
    id,
    ApiQuery({
      name: 'wait',
      required: false,
      description:
        'Answer when the task is ready, at the latest after this time: "10s", "500ms", or seconds. Longer ones than the server allows are cut.',
      schema: { type: 'string', example: '10s' },
    }),
    ApiResponse({
      status: 200,
      description: 'The present state; with "wait" it may not be final',
      schema: task,
    }),
    refused,
    unknown,
  ]);
  apply('events', [
    ApiOperation({
      summary:
        'The present state and each change of a task, as server-sent events; ends when the task is ready',
    }),
    id,
    ApiProduces('text/event-stream'),
    ApiResponse({
      status: 200,
      description: 'Events whose data is a task as JSON',
      schema: { type: 'string' },
    }),
    unknown,
  ]);
  apply('revoke', [
    ApiOperation({ summary: 'Revoke a task' }),
    id,
    ApiQuery({
      name: 'terminate',
      required: false,
      description: 'Also when it runs already',
      schema: { type: 'boolean', default: false },
    }),
    ApiResponse({
      status: 202,
      description: 'The revocation is recorded; the task is REVOKED when its message comes up',
      schema: { type: 'object', required: ['id'], properties: { id: { type: 'string' } } },
    }),
    refused,
    unknown,
  ]);
}

function apply(method: 'findOne' | 'events' | 'revoke', decorators: readonly MethodDecorator[]): void {
  const descriptor = Object.getOwnPropertyDescriptor(TaskHttpController.prototype, method);
  if (descriptor === undefined) return;
  for (const decorate of decorators) decorate(TaskHttpController.prototype, method, descriptor);
}
