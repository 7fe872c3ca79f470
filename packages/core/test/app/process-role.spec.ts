import type { AppOptions } from '../../src/app/app-options.js';
import { assumeRole, processRole } from '../../src/app/process-role.js';
import { TaskApp } from '../../src/app/task-app.js';

afterEach(() => assumeRole(undefined));

describe('the role of a process', () => {
  it('changes the options of each app that is made, and is told of it', async () => {
    const made: unknown[] = [];
    assumeRole({
      options: (given): AppOptions => ({ ...given, worker: { hostname: 'of the role' } }),
      onApp: (app) => made.push(app),
    });
    const app = await TaskApp.create({ worker: false, defaultQueue: 'own' });
    expect(app.settings).toMatchObject({ defaultQueue: 'own', worker: { hostname: 'of the role' } });
    expect(made).toStrictEqual([app]);
  });

  it('is checked like any options', async () => {
    assumeRole({ options: () => ({ worker: { concurrency: 0 } }), onApp: () => undefined });
    await expect(TaskApp.create()).rejects.toMatchObject({ code: 'LOVAGE_OPTION_INVALID' });
  });

  it('is none where nobody has assumed one', async () => {
    expect(processRole()).toBeUndefined();
    await expect(TaskApp.create({ worker: false })).resolves.toMatchObject({ worker: undefined });
  });
});
