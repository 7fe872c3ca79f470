import type { AppOptions } from '../../src/app/app-options.js';
import { closeTestApps, type Handlers, testApp } from '../support/test-app.js';

afterEach(closeTestApps);

const tiny: AppOptions = { limits: { maxBytes: 1024 } };
const msgpack: AppOptions = { serializer: 'msgpack', acceptContent: ['json', 'msgpack'] };

const pretends = (brand: string, more: object): object => ({ [Symbol.for(brand)]: true, ...more });

const withGetter = (object: object, key: string): object =>
  Object.defineProperty(object, key, {
    get: () => {
      throw new Error(`the getter of ${key}`);
    },
  });

const nested = (levels: number): Error =>
  levels === 0 ? new Error('the first') : new RangeError('the last', { cause: nested(levels - 1) });

describe('a failure that can not be written as it is', () => {
  it.each<[string, AppOptions, unknown, string]>([
    ['is too large', tiny, new RangeError('long '.repeat(1000)), 'long long'],
    ['has too many causes', { limits: { maxDepth: 8 } }, nested(8), 'the last (the error can not be stored'],
    ['grows when it is escaped', {}, new Error('\u0001'.repeat(20_000), { cause: nested(8) }), '\u0001'],
    ['holds half a character', msgpack, new Error('half \uD800 a character'), 'half \uFFFD a character'],
    ['is cut within a character', msgpack, new Error(`${'x'.repeat(16 * 1024 - 1)}\u{1F600}`), 'xxx'],
    [
      'pretends to be coded',
      {},
      pretends('lovage.error', { code: 'LOVAGE_TASK_REVOKED', message: 'm' }),
      'm',
    ],
    ['pretends to come from a worker', {}, pretends('lovage.remote-error', { message: 'far' }), 'far'],
    ['pretends to be a signal', {}, withGetter({ [Symbol.for('lovage.signal')]: 'reject' }, 'message'), ''],
  ])('ends the task all the same: it %s', async (_, options, thrown, text) => {
    const handlers: Handlers = {
      now: () => {
        throw thrown;
      },
      later: async () => {
        await Promise.resolve();
        throw thrown;
      },
    };
    const { app } = await testApp(handlers, options);
    for (const name of Object.keys(handlers)) {
      const result = await app.client.send(name);
      await expect(result.get()).rejects.toMatchObject({
        code: 'LOVAGE_TASK_FAILED',
        message: expect.stringContaining(text) as unknown,
      });
    }
    expect(app.worker?.activeCount).toBe(0);
  });

  it('fails a task whose promise can not be looked at', async () => {
    const { app } = await testApp({ odd: () => withGetter(Promise.resolve(1), 'constructor') });
    await expect((await app.client.send('odd')).get()).rejects.toMatchObject({ code: 'LOVAGE_TASK_FAILED' });
    expect(app.worker?.activeCount).toBe(0);
  });
});
