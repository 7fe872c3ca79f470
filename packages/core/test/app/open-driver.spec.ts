import { TaskApp } from '../../src/app/task-app.js';

describe('choosing a driver', () => {
  it('tells which package to install', async () => {
    // As Node says it where the package is not installed.
    // reason: the types of Jest do not know its function for ES modules.
    const modules = jest as unknown as { unstable_mockModule(name: string, make: () => never): void };
    modules.unstable_mockModule('@lovage/rabbitmq', () => {
      throw Object.assign(new Error('no such package'), { code: 'ERR_MODULE_NOT_FOUND' });
    });
    await expect(TaskApp.create({ broker: 'amqps://user:secret@broker/vhost' })).rejects.toMatchObject({
      code: 'LOVAGE_DRIVER_MISSING',
      message: expect.stringContaining('npm install @lovage/rabbitmq'),
    });
  });

  it('tells which schemes there are', async () => {
    await expect(TaskApp.create({ results: 'mysql://localhost' })).rejects.toMatchObject({
      code: 'LOVAGE_SCHEME_UNKNOWN',
      message: expect.stringContaining('memory://'),
    });
  });

  it('never shows what stands in a broken URL', async () => {
    const error: unknown = await TaskApp.create({ broker: 'redis//user:secret@host' }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code: 'LOVAGE_OPTION_INVALID' });
    expect(String(error)).not.toContain('secret');
  });
});
