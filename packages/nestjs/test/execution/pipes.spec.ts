import { runTask } from '../../src/index.js';
import { closeAppsAfterEach } from '../support/apps.js';
import { EnhancedTasks, Journal, start } from '../support/enhanced-tasks.js';

closeAppsAfterEach();

describe('pipes of a task', () => {
  it('see every argument, not the context, and leave defaults alone', async () => {
    const app = await start();
    expect(await runTask(app, EnhancedTasks, 'piped', ['a'])).toEqual(['piped', 'A', 'default']);
    expect(await runTask(app, EnhancedTasks, 'piped', ['a', 'b'])).toEqual(['piped', 'A', 'B']);
    expect(app.get(Journal).lines).toEqual([
      'pipe body first String',
      'pipe body first String',
      'pipe body second String',
    ]);
  });

  it('see as many arguments as there are', async () => {
    const app = await start();
    expect(await runTask(app, EnhancedTasks, 'many', ['a', 'b', 'c', 'd'])).toEqual(['A', 'B', 'C', 'D']);
    expect(await runTask(app, EnhancedTasks, 'many', [])).toEqual([]);
  });

  it('convert, and fail the task with what they throw', async () => {
    const app = await start();
    expect(await runTask(app, EnhancedTasks, 'numbers', ['42'])).toBe(42);
    await expect(runTask(app, EnhancedTasks, 'numbers', ['x'])).rejects.toThrow(/numeric string/);
  });

  it('know the type of the parameter, so that a ValidationPipe works', async () => {
    const app = await start();
    expect(await runTask(app, EnhancedTasks, 'validated', [{ count: 3 }])).toBe(true);
  });
});
