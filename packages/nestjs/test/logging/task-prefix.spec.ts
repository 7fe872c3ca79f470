import { ConsoleLogger, Injectable, Logger } from '@nestjs/common';
import {
  runTask,
  Task,
  TaskLogger,
  TaskQueueModule,
  TaskQueueTesting,
  TaskQueueTestingModule,
  tasksOf,
} from '../../src/index.js';
import { PrefixingLogger } from '../../src/logging/prefixing-logger.js';
import { closedAfterwards, closeAppsAfterEach, compileApp } from '../support/apps.js';
import { Lines } from '../support/lines.js';

class LoggerInUse extends Logger {
  static get(): unknown {
    return Logger.staticInstanceRef;
  }
}

@Injectable()
class TalkingTasks {
  private readonly logger = new Logger('TalkingTasks');

  @Task('talk')
  async talk(): Promise<void> {
    this.logger.log('plain');
    await Promise.resolve();
    this.logger.warn('two', 'messages');
    this.logger.error('failed', 'Error: x\n    at y (z.ts:1:1)');
    this.logger.debug({ an: 'object' });
    new Logger().log('no context');
    Logger.log('static', 'Somewhere');
    new Logger().verbose({ an: 'object' });
  }

  @Task('boom')
  boom(secret: string): void {
    throw new RangeError(`too far ${secret.length}`);
  }
}

closeAppsAfterEach();
afterEach(() => {
  Logger.overrideLogger(new ConsoleLogger());
});

const start = async (
  logger: Lines | TaskLogger | false,
  options: Parameters<typeof TaskQueueTestingModule.forRoot>[0] = {},
) => {
  const app = closedAfterwards(
    await compileApp({ imports: [TaskQueueTestingModule.forRoot(options)], providers: [TalkingTasks] }),
  );
  app.useLogger(logger);
  await app.init();
  return app;
};

const talk = async (app: Awaited<ReturnType<typeof start>>): Promise<string> => {
  const testing = app.get(TaskQueueTesting);
  const { id } = await tasksOf(TalkingTasks, testing.client).talk.delay();
  await testing.drain();
  return id;
};

describe('lines that are logged while a task runs', () => {
  it('begin with name and id of the task, and keep their context and stack', async () => {
    const lines = new Lines();
    const label = `[talk ${await talk(await start(lines))}]`;
    const own = lines.all.filter(
      ({ args }) => String(args[0]).startsWith('[talk') || args.some((arg) => typeof arg === 'object'),
    );
    expect(own).toEqual([
      { level: 'log', args: [`${label} plain`, 'TalkingTasks'] },
      { level: 'warn', args: [`${label} two`, 'messages', 'TalkingTasks'] },
      { level: 'error', args: [`${label} failed`, 'Error: x\n    at y (z.ts:1:1)', 'TalkingTasks'] },
      { level: 'debug', args: [{ an: 'object' }, `TalkingTasks ${label}`] },
      { level: 'log', args: [`${label} no context`] },
      { level: 'log', args: [`${label} static`, 'Somewhere'] },
      { level: 'verbose', args: [{ an: 'object' }, label] },
    ]);
  });

  it('are as always outside of a task', async () => {
    const lines = new Lines();
    await start(lines);
    new Logger('Here').log('hello', { a: 1 });
    expect(lines.all.at(-1)).toEqual({ level: 'log', args: ['hello', { a: 1 }, 'Here'] });
  });

  it('are as always where the option says so', async () => {
    const lines = new Lines();
    await talk(await start(lines, { logger: { prefix: false } }));
    expect(lines.all.map(({ args }) => args[0])).toContain('plain');
  });

  it('are as before when the application has been closed', async () => {
    const lines = new Lines();
    const app = await start(lines);
    expect(LoggerInUse.get()).toBeInstanceOf(PrefixingLogger);
    await app.close();
    expect(LoggerInUse.get()).toBe(lines);
  });

  it('are prefixed once by several applications, and until the last is closed', async () => {
    const lines = new Lines();
    const first = await start(lines);
    const inUse = LoggerInUse.get();
    const second = closedAfterwards(await compileApp({ imports: [TaskQueueModule.forRoot()] }));
    Logger.overrideLogger(inUse as PrefixingLogger);
    await second.init();
    expect(LoggerInUse.get()).toBe(inUse);
    await first.close();
    expect(LoggerInUse.get()).toBe(inUse);
    await second.close();
    expect(LoggerInUse.get()).toBe(lines);
  });

  it('leave a logger alone that was set meanwhile, and one that logs nothing', async () => {
    const app = await start(new Lines());
    const later = new Lines();
    app.useLogger(later);
    await app.close();
    expect(LoggerInUse.get()).toBe(later);

    const silent = await start(false);
    expect(LoggerInUse.get()).toBeUndefined();
    await silent.close();
  });

  it('say which levels are enabled as the logger behind does', async () => {
    await start(new Lines());
    expect(Logger.isLevelEnabled('debug')).toBe(true);
    const prefixing = new PrefixingLogger(new ConsoleLogger({ logLevels: ['error'] }));
    expect([prefixing.isLevelEnabled('error'), prefixing.isLevelEnabled('log')]).toEqual([true, false]);
    prefixing.setLogLevels(['log']);
    expect(prefixing.isLevelEnabled('log')).toBe(true);
  });
});

describe('TaskLogger', () => {
  it('can be had from the application', async () => {
    const app = await start(new Lines());
    app.useLogger(app.get(TaskLogger));
    expect(LoggerInUse.get()).toBeInstanceOf(TaskLogger);
  });

  const written = (action: () => unknown): Promise<string> => {
    const write = jest.spyOn(process.stdout, 'write').mockImplementation(() => true);
    const silent = jest.spyOn(process.stderr, 'write').mockImplementation(() => true);
    return Promise.resolve(action()).then(() => {
      const text = write.mock.calls.map(([chunk]) => String(chunk)).join('');
      write.mockRestore();
      silent.mockRestore();
      return text;
    });
  };

  it('is left in use, and tells the task behind the context', async () => {
    const logger = new TaskLogger({ colors: false });
    const app = await start(logger);
    expect(LoggerInUse.get()).toBe(logger);
    const text = await written(async () => await runTask(app, TalkingTasks, 'talk', [], { id: 'id-1' }));
    expect(text).toMatch(/LOG \[TalkingTasks\] \[talk id-1\] plain/);
    expect(await written(() => new Logger('Here').log('outside'))).toMatch(/LOG \[Here\] outside/);
  });

  it('has fields for the task in JSON', async () => {
    const app = await start(new TaskLogger({ json: true, colors: false }));
    const text = await written(async () => await runTask(app, TalkingTasks, 'talk', [], { id: 'id-1' }));
    const [line] = text.split('\n');
    expect(JSON.parse(line ?? '')).toMatchObject({
      message: 'plain',
      context: 'TalkingTasks',
      task: 'talk',
      taskId: 'id-1',
    });
  });
});

describe('lines about tasks', () => {
  const run = async (logger: 'all' | 'problems' | 'none') => {
    const lines = new Lines();
    const app = await start(lines, { logger: { events: logger } });
    const id = await talk(app);
    const testing = app.get(TaskQueueTesting);
    const failed = await tasksOf(TalkingTasks, testing.client).boom.delay('tell nobody');
    await testing.drain();
    await app.close();
    return {
      lines,
      id,
      failedId: failed.id,
      own: lines.all.filter(({ args }) => args.at(-1) === 'TaskQueue'),
    };
  };

  it('tell problems and the worker, by default', async () => {
    const { own, failedId } = await run('problems');
    expect(own.map(({ level, args }) => `${level} ${String(args[0])}`)).toEqual([
      expect.stringMatching(/^log worker .* of the app "default" takes 100 tasks at a time from celery$/),
      expect.stringMatching(
        new RegExp(`^error \\[boom ${failedId}\\] failed in \\d+\\.\\d{3} s: RangeError: too far 11$`),
      ),
      expect.stringMatching(/^log worker .* drained: 0 finished, 0 handed back$/),
      expect.stringMatching(/^log worker .* has stopped$/),
    ]);
    expect(own[1]?.args[1]).toMatch(/RangeError: too far 11\n +at /);
  });

  it('tell everything where that is asked for', async () => {
    const { own, id } = await run('all');
    const texts = own.map(({ args }) => String(args[0]));
    expect(texts).toContain(`[talk ${id}] received from celery`);
    expect(texts).toContain(`[talk ${id}] started`);
    expect(texts).toContainEqual(
      expect.stringMatching(new RegExp(`^\\[talk ${id}\\] succeeded in \\d+\\.\\d{3} s$`)),
    );
  });

  it('tell nothing where that is asked for, and never arguments', async () => {
    expect((await run('none')).own).toEqual([]);
    const { lines } = await run('all');
    expect(JSON.stringify(lines.all)).not.toContain('tell nobody');
  });
});
