import { TaskApp } from '../../src/app/task-app.js';

describe('choosing a driver', () => {
  it('tells which package to install', async () => {
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
