import { Injectable } from '@nestjs/common';
import { every, Periodic, Task, TaskQueueTestingModule } from '../../src/index.js';
import { closeAppsAfterEach } from '../support/apps.js';
import { type HttpApp, listen } from '../support/http.js';
import { testingOf } from '../support/task-server.js';

@Injectable()
class NoteTasks {
  readonly notes: number[] = [];

  @Periodic(every('1h'), { args: [0] })
  @Task({ name: 'note' })
  note(value: number): void {
    this.notes.push(value);
  }
}

closeAppsAfterEach();

describe.each(['express', 'fastify'] as const)('the endpoints of schedules, on %s', (adapter) => {
  let http: HttpApp;
  beforeEach(async () => {
    http = await listen(adapter, {
      imports: [TaskQueueTestingModule.forRoot({ http: { schedules: true } })],
      providers: [NoteTasks],
    });
  });

  async function call(method: string, path: string, body?: unknown): Promise<readonly [number, unknown]> {
    const response = await fetch(`${http.url}/schedules${path}`, {
      method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await response.text();
    return [response.status, text === '' ? undefined : JSON.parse(text)];
  }

  const notes = (): readonly number[] => http.app.get(NoteTasks).notes;

  it('list, add, change, pause, resume, run and delete', async () => {
    expect(await call('GET', '')).toEqual([
      200,
      [
        expect.objectContaining({
          name: 'note',
          declared: true,
          nextRunAt: '2026-01-01T01:00:00.000Z',
          lastRunAt: null,
        }),
      ],
    ]);
    const added = { name: 'mine', task: 'note', schedule: '10s', args: [1] };
    expect(await call('POST', '', added)).toMatchObject([201, { name: 'mine', schedule: { seconds: 10 } }]);
    expect(await call('POST', '', added)).toMatchObject([409, { code: 'LOVAGE_SCHEDULE_DUPLICATE' }]);
    await testingOf(http).advance('10s');
    await testingOf(http).drain();
    expect(notes()).toEqual([1]);
    expect(await call('PATCH', '/mine', { args: [2], schedule: '*/1 * * * *' })).toMatchObject([
      200,
      { args: [2] },
    ]);
    await testingOf(http).advance('50s');
    await testingOf(http).drain();
    expect(notes()).toEqual([1, 2]);
    expect(await call('POST', '/mine/pause')).toMatchObject([200, { paused: true, nextRunAt: null }]);
    const [status, answer] = await call('POST', '/mine/run');
    expect([status, answer]).toEqual([202, { ids: [expect.any(String)] }]);
    await testingOf(http).drain();
    expect(notes()).toEqual([1, 2, 2]);
    expect(await call('POST', '/mine/resume')).toMatchObject([200, { paused: false, totalRunCount: 3 }]);
    expect(await call('DELETE', '/mine')).toEqual([204, undefined]);
    expect(await call('GET', '/mine')).toMatchObject([404, { code: 'LOVAGE_SCHEDULE_UNKNOWN' }]);
  });

  it('refuse what makes no sense', async () => {
    const wrong = [
      { name: 'x', task: 'note', schedule: '61 * * * *' },
      { name: 'x', task: 'note', schedule: { kind: 'constructor' } },
      { name: 'x', task: 'note', schedule: 10, surprise: true },
      { name: 'x', task: 'note' },
      { task: 'note', schedule: 10 },
      { name: 'x', task: 'note', schedule: 10, args: ['text'] },
      [],
    ];
    for (const body of wrong) expect(await call('POST', '', body)).toMatchObject([400, { statusCode: 400 }]);
    expect(await call('DELETE', '/note')).toMatchObject([409, { code: 'LOVAGE_SCHEDULE_DECLARED' }]);
    expect(await call('POST', '/none/run')).toMatchObject([404, {}]);
    expect(await call('GET', '')).toMatchObject([200, [{ name: 'note' }]]);
  });
});

it('are not there unless they are asked for', async () => {
  const http = await listen('express', { imports: [TaskQueueTestingModule.forRoot({ http: true })] });
  expect((await fetch(`${http.url}/schedules`)).status).toBe(404);
});
