import { Injectable } from '@nestjs/common';
import { CronExpression, ScheduleModule, SchedulerRegistry } from '@nestjs/schedule';
import {
  crontab,
  every,
  Periodic,
  Schedules,
  Task,
  TaskQueueTesting,
  TaskQueueTestingModule,
  tasksOf,
} from '../../src/index.js';
import { closeAppsAfterEach, startApp } from '../support/apps.js';
import { coded, rejection } from '../support/errors.js';

class Interval {
  readonly seconds = 20;
}

@Injectable()
class ClockTasks {
  readonly ran: string[] = [];

  @Periodic(every(30))
  beat(): void {
    this.ran.push('beat');
  }

  @Periodic(crontab({ minute: '*' }), { args: ['hello'] })
  @Periodic('*/2 * * * *', { args: ['twice'], name: 'every other' })
  @Task({ name: 'clock.greet' })
  greet(word: string): void {
    this.ran.push(word);
  }

  @Periodic({
    inject: [Interval],
    useFactory: ({ seconds }: Interval) => ({ schedule: seconds, args: ['set'] }),
  })
  @Periodic({ useFactory: () => undefined })
  @Task()
  configured(word: string): void {
    this.ran.push(word);
  }
}

closeAppsAfterEach();

describe('@Periodic()', () => {
  it('runs methods by the clock: alone, several at one task, from injected configuration', async () => {
    const app = await startApp({
      imports: [TaskQueueTestingModule.forRoot()],
      providers: [ClockTasks, Interval],
    });
    const testing = app.get(TaskQueueTesting);
    expect((await app.get(Schedules).list()).map(({ name, task }) => [name, task])).toEqual([
      ['ClockTasks.beat', 'ClockTasks.beat'],
      ['ClockTasks.configured', 'ClockTasks.configured'],
      ['clock.greet', 'clock.greet'],
      ['every other', 'clock.greet'],
    ]);
    await testing.advance('60s');
    await testing.drain();
    expect(app.get(ClockTasks).ran.toSorted()).toEqual(['beat', 'beat', 'hello', 'set', 'set', 'set']);
    await testing.advance('60s');
    await testing.drain();
    expect(app.get(ClockTasks).ran.filter((word) => word === 'twice')).toHaveLength(1);
  });

  it('makes a task that can be called, too', async () => {
    const app = await startApp({
      imports: [TaskQueueTestingModule.forRoot()],
      providers: [ClockTasks, Interval],
    });
    const testing = app.get(TaskQueueTesting);
    await tasksOf(ClockTasks, testing.client).beat.delay();
    await testing.drain();
    expect(app.get(ClockTasks).ran).toEqual(['beat']);
  });

  it('does nothing where the beat is off', async () => {
    const app = await startApp({
      imports: [TaskQueueTestingModule.forRoot({ beat: false })],
      providers: [ClockTasks, Interval],
    });
    await app.get(TaskQueueTesting).advance('120s');
    expect(app.get(ClockTasks).ran).toEqual([]);
  });

  it('tells everything that is wrong when the application starts', async () => {
    @Injectable()
    class WrongTasks {
      @Periodic('61 * * * *')
      one(): void {}

      @Periodic(30, { name: 'same' })
      @Periodic(40, { name: 'same' })
      two(): void {}

      @Periodic({ useFactory: () => Promise.reject(new Error('no such setting')) })
      three(): void {}

      @Periodic(30, { args: ['not a number'] })
      @Task({ name: 'wrong.arguments' })
      four(count: number): number {
        return count;
      }
    }
    const error = await rejection(
      startApp({ imports: [TaskQueueTestingModule.forRoot()], providers: [WrongTasks] }),
    );
    expect(error).toEqual(coded('LOVAGE_TASKS_INVALID'));
    const { message } = error as Error;
    expect(message).toContain('WrongTasks.one');
    expect(message).toContain('there is a schedule "same" already');
    expect(message).toContain('no such setting');
  });

  it('checks the arguments of a schedule as those of a call', async () => {
    @Injectable()
    class WrongArguments {
      @Periodic(30, { args: ['not a number'] })
      @Task({ name: 'wrong.arguments' })
      one(count: number): number {
        return count;
      }
    }
    const error = await rejection(
      startApp({ imports: [TaskQueueTestingModule.forRoot()], providers: [WrongArguments] }),
    );
    expect(error).toEqual(coded('LOVAGE_ARGUMENTS_INVALID'));
  });

  it('is refused at what can not be a task', () => {
    const decorate = Periodic(30);
    expect(() => decorate(ClockTasks, 'make')).toThrow('static');
  });
});

describe('with @nestjs/schedule', () => {
  it('takes its CronExpression', async () => {
    @Injectable()
    class Named {
      @Periodic(CronExpression.EVERY_30_SECONDS)
      run(): void {}
    }
    const app = await startApp({ imports: [TaskQueueTestingModule.forRoot()], providers: [Named] });
    expect(await app.get(Schedules).list()).toMatchObject([
      { nextRunAt: new Date('2026-01-01T00:00:30Z'), schedule: { kind: 'cron' } },
    ]);
  });

  it.each(Object.entries(CronExpression))('understands %s', async (_name, expression) => {
    const { scheduleSpec, openSchedule } = await import('@lovage/core');
    const schedule = openSchedule(scheduleSpec(expression), { timezone: 'UTC', types: {} });
    expect(schedule.next(Date.UTC(2026, 0), 0)).toBeGreaterThan(Date.UTC(2026, 0));
  });

  it('puts its schedules into the SchedulerRegistry', async () => {
    const app = await startApp({
      imports: [ScheduleModule.forRoot(), TaskQueueTestingModule.forRoot()],
      providers: [ClockTasks, Interval],
    });
    const testing = app.get(TaskQueueTesting);
    const registry = app.get(SchedulerRegistry);
    expect([...registry.getCronJobs().keys()]).toEqual([
      'ClockTasks.beat',
      'clock.greet',
      'every other',
      'ClockTasks.configured',
    ]);
    const job = registry.getCronJob('clock.greet');
    expect(job.nextDate()).toEqual(new Date('2026-01-01T00:01:00Z'));
    await job.stop();
    await testing.clock.settle();
    expect(await app.get(Schedules).get('clock.greet')).toMatchObject({ paused: true });
    job.start();
    await testing.clock.settle();
    expect(await app.get(Schedules).get('clock.greet')).toMatchObject({ paused: false });
    await job.fireOnTick();
    await testing.drain();
    expect(app.get(ClockTasks).ran).toEqual(['hello']);
  });
});
