import { ScheduleHttpController } from './schedule-http-controller.js';

type Swagger = typeof import('@nestjs/swagger');

const text = { type: 'string' };
const list = { type: 'array', items: {} };
const bag = { type: 'object', additionalProperties: true };
const when = { type: 'string', format: 'date-time', nullable: true };
const duration = { oneOf: [{ type: 'number' }, { type: 'string', example: '10m' }] };

/** How the message of a tick travels. */
const options = {
  queue: text,
  exchange: text,
  routingKey: text,
  priority: { type: 'integer', minimum: 0, maximum: 9 },
  serializer: text,
  compression: text,
  expires: { ...duration, description: 'Not started when it is older than this' },
  ignoreResult: { type: 'boolean' },
  headers: bag,
  shadow: text,
};

/** What a schedule is given as: `PeriodicEntry` of @lovage/core. */
const entry = {
  task: { type: 'string', description: 'Name of the task', example: 'report.make' },
  schedule: {
    description: 'A line of cron, seconds, a duration, or an object with "kind" as the answers show it',
    oneOf: [{ type: 'string', example: '0 6 * * *' }, { type: 'number', example: 30 }, bag],
  },
  args: list,
  kwargs: bag,
  ...options,
  missed: {
    description: 'What becomes of ticks that were due while no beat ran',
    default: 'last',
    oneOf: [
      { type: 'string', enum: ['skip', 'last'] },
      { type: 'object', required: ['all'], properties: { all: duration } },
    ],
  },
  overlap: {
    type: 'string',
    enum: ['allow', 'skip', 'queue'],
    default: 'allow',
    description: 'What becomes of a tick while the last run goes on',
  },
  jitter: { ...duration, description: 'Each tick is sent up to this much later' },
  perHost: {
    description: 'Runs on every host with a beat: true, or the name of a queue with %h',
    oneOf: [{ type: 'boolean' }, text],
  },
  paused: { type: 'boolean', default: false },
};

const view = {
  type: 'object',
  required: ['name', 'task', 'schedule', 'paused', 'declared', 'nextRunAt', 'lastRunAt', 'totalRunCount'],
  properties: {
    name: text,
    task: text,
    schedule: {
      type: 'object',
      required: ['kind'],
      properties: { kind: { type: 'string', example: 'crontab' } },
      additionalProperties: true,
    },
    args: list,
    kwargs: bag,
    options: { type: 'object', properties: options },
    missed: {
      oneOf: [
        { type: 'string', enum: ['skip', 'last'] },
        { type: 'object', required: ['allMs'], properties: { allMs: { type: 'integer' } } },
      ],
    },
    overlap: { type: 'string', enum: ['allow', 'skip', 'queue'] },
    jitterMs: { type: 'integer' },
    hostQueue: { ...text, nullable: true, description: 'Queue of each host, where it runs on every one' },
    paused: { type: 'boolean' },
    declared: { type: 'boolean', description: 'The code declares it: it can be paused and not deleted' },
    nextRunAt: { ...when, description: 'null: paused, or never again' },
    lastRunAt: when,
    lastTaskId: { ...text, nullable: true },
    totalRunCount: { type: 'integer' },
    problem: { ...text, nullable: true, description: 'What is wrong with it, if it can not run' },
  },
};

/** Describes the endpoints of schedules. @param error schema of a refusal */
export function describeSchedules(swagger: Swagger, error: object): void {
  const { ApiBody, ApiOperation, ApiParam, ApiResponse, ApiTags } = swagger;
  const name = ApiParam({ name: 'name', description: 'Name of the schedule', schema: text });
  const shown = (status: number, description: string): MethodDecorator =>
    ApiResponse({ status, description, schema: view });
  const refusal = (status: number, description: string): MethodDecorator =>
    ApiResponse({ status, description, schema: error });
  const unknown = refusal(404, 'There is no schedule of this name');
  const wrong = refusal(400, 'The body, or an argument of the task, is wrong');
  const known = [name, unknown];
  const changed = refusal(409, 'Others changed it at the same time, again and again');

  ApiTags('schedules')(ScheduleHttpController);
  apply('list', [
    ApiOperation({ summary: 'All schedules, with their next and last run' }),
    ApiResponse({ status: 200, description: 'By name', schema: { type: 'array', items: view } }),
  ]);
  apply('findOne', [ApiOperation({ summary: 'A schedule' }), ...known, shown(200, 'As it is now')]);
  apply('add', [
    ApiOperation({ summary: 'Add a schedule; it is due from now on' }),
    ApiBody({
      schema: {
        type: 'object',
        required: ['name', 'task', 'schedule'],
        properties: { name: text, ...entry },
      },
    }),
    shown(201, 'As it was added'),
    wrong,
    refusal(409, 'There is one of this name'),
  ]);
  apply('change', [
    ApiOperation({ summary: 'Change what the body gives; the rest stays' }),
    ...known,
    ApiBody({ schema: { type: 'object', properties: entry } }),
    shown(200, 'As it is now'),
    wrong,
    changed,
  ]);
  apply('remove', [
    ApiOperation({ summary: 'Delete a schedule' }),
    ...known,
    ApiResponse({ status: 204, description: 'It is gone' }),
    refusal(409, 'The code declares it: pause it'),
  ]);
  apply('pause', [
    ApiOperation({ summary: 'Send no more ticks until it is resumed' }),
    ...known,
    shown(200, 'Paused'),
    changed,
  ]);
  apply('resume', [
    ApiOperation({ summary: 'Go on; what was due meanwhile is not made up for' }),
    ...known,
    shown(200, 'Going on'),
    changed,
  ]);
  apply('run', [
    ApiOperation({ summary: 'Send its task now, besides its ticks' }),
    ...known,
    ApiResponse({
      status: 202,
      description: 'Ids of the tasks: one, or one for each host',
      schema: { type: 'object', required: ['ids'], properties: { ids: { type: 'array', items: text } } },
    }),
    wrong,
  ]);
}

function apply(
  method: 'list' | 'findOne' | 'add' | 'change' | 'remove' | 'pause' | 'resume' | 'run',
  decorators: readonly MethodDecorator[],
): void {
  const descriptor = Object.getOwnPropertyDescriptor(ScheduleHttpController.prototype, method);
  if (descriptor === undefined) return;
  for (const decorate of decorators) decorate(ScheduleHttpController.prototype, method, descriptor);
}
