import { type AppOptions, TaskApp } from '@lovage/core';
import { banner } from '../../src/worker/banner.js';

/** The line that says where results go. */
async function results(options: AppOptions): Promise<string | undefined> {
  const app = await TaskApp.create({ worker: true, ...options });
  try {
    return /^ {2}results: +(.*)$/m.exec(banner(app, { given: 'dist/app.js', version: '1.2.3' }))?.[1];
  } finally {
    await app.close();
  }
}

describe('the banner', () => {
  it.each<[string, AppOptions]>([
    ['rpc://, to whoever has sent the task', { broker: 'amqp://broker.example' }],
    ['rpc://, to whoever has sent the task', { broker: 'amqp://broker.example', results: 'rpc://' }],
    [
      'redis://results.example/1',
      { broker: 'amqp://broker.example', results: 'redis://:secret@results.example/1' },
    ],
    ['redis://broker.example:6379/0', { broker: 'redis://:secret@broker.example' }],
    ['disabled', { broker: 'redis://broker.example', results: false }],
  ])('says where results go: %s', async (expected, options) => {
    await expect(results(options)).resolves.toBe(expected);
  });
});
