import fc from 'fast-check';
import { Router } from '../../src/routing/router.js';
import type { Routes } from '../../src/routing/routes.js';

const call = (task: string) => ({ task, args: [], kwargs: {} });
const route = (routes: Routes | undefined, task: string, own = {}, ofTask = {}) =>
  new Router({ routes, defaultQueue: 'celery' }).route(call(task), own, ofTask);

describe('Router', () => {
  it('sends what nothing else decides to the default queue', () => {
    expect(route(undefined, 'math.add')).toEqual({ exchange: '', routingKey: 'celery' });
  });

  it('prefers the call, then the routes, then the task', () => {
    const routes = { 'math.*': 'from-routes' };
    expect(route(routes, 'math.add', { queue: 'from-call' }, { queue: 'from-task' }).routingKey).toBe(
      'from-call',
    );
    expect(route(routes, 'math.add', {}, { queue: 'from-task' }).routingKey).toBe('from-routes');
    expect(route(routes, 'mail.send', {}, { queue: 'from-task' }).routingKey).toBe('from-task');
  });

  it('sends what names a broadcast to its exchange, whoever names it', () => {
    const router = new Router({
      routes: { 'settings.*': 'reload' },
      defaultQueue: 'celery',
      broadcasts: new Set(['reload']),
    });
    const everywhere = expect.objectContaining({ exchange: 'reload', routingKey: '' });
    expect(router.route(call('t'), { queue: 'reload' }, undefined)).toEqual(everywhere);
    expect(router.route(call('settings.reload'), {}, undefined)).toEqual(everywhere);
    expect(router.route(call('t'), {}, { queue: 'reload' })).toEqual(everywhere);
    expect(router.route(call('t'), {}, undefined).exchange).toBe('');
    const all = new Router({ defaultQueue: 'reload', broadcasts: new Set(['reload']) });
    expect(all.route(call('t'), {}, undefined)).toEqual(everywhere);
  });

  it('takes an exchange with its routing key, or with none for a fanout', () => {
    expect(route(undefined, 't', { exchange: 'media', routingKey: 'video' })).toMatchObject({
      exchange: 'media',
      routingKey: 'video',
    });
    expect(route(undefined, 't', { exchange: 'cmdb.sync.fanout' })).toMatchObject({
      exchange: 'cmdb.sync.fanout',
      routingKey: '',
    });
    expect(route({ t: { exchange: 'media', routingKey: 'video', priority: 7 } }, 't')).toEqual({
      exchange: 'media',
      routingKey: 'video',
      priority: 7,
    });
  });

  it('takes the priority alone of a route that says nothing else', () => {
    const routes = { 'mail.*': { priority: 7 } };
    expect(route(routes, 'mail.send')).toMatchObject({ routingKey: 'celery', priority: 7 });
    expect(route(routes, 'mail.send', {}, { queue: 'mail', priority: 1 })).toMatchObject({
      routingKey: 'mail',
      priority: 7,
    });
    expect(route(routes, 'mail.send', { queue: 'now' })).toMatchObject({ routingKey: 'now' });
  });

  it('takes null of a function for no answer, and refuses what is none', () => {
    const answering = (answer: unknown) => (() => answer) as unknown as Routes;
    expect(route(answering(null), 't').routingKey).toBe('celery');
    for (const answer of [
      5,
      true,
      '',
      'q'.repeat(256),
      {},
      { que: 'typo' },
      { queue: 5 },
      { queue: 'q', priority: 'high' },
      { exchange: 'x', routingKey: 5 },
      { routingKey: 'alone' },
      ['celery'],
      Promise.resolve('celery'),
    ]) {
      expect(() => route(answering(answer), 't')).toThrow(
        expect.objectContaining({ code: 'LOVAGE_OPTION_INVALID' }),
      );
    }
  });

  it('refuses an exchange or a routing key that is no text, whoever names it', () => {
    for (const options of [{ exchange: 5 }, { exchange: 'x', routingKey: 5 }]) {
      const own = options as unknown as { readonly exchange: string };
      expect(() => route(undefined, 't', own)).toThrow(/expected "exchange with routingKey"/);
      expect(() => route(undefined, 't', {}, own)).toThrow(/expected "exchange with routingKey"/);
    }
  });

  it('matches exact names before patterns, and patterns in their order', () => {
    const routes = { 'media.*': 'media', 'media.video.*': 'never reached', 'media.audio.cut': 'exact' };
    expect(route(routes, 'media.audio.cut').routingKey).toBe('exact');
    expect(route(routes, 'media.video.cut').routingKey).toBe('media');
    expect(route(routes, 'media').routingKey).toBe('celery');
  });

  it('takes a list of pairs with regular expressions', () => {
    const routes: Routes = [
      [/^(?:video|image)\./, { queue: 'media' }],
      ['feed.*', 'feeds'],
    ];
    expect(route(routes, 'video.cut').routingKey).toBe('media');
    expect(route(routes, 'feed.read').routingKey).toBe('feeds');
  });

  it('matches expressions with the flags g and y from the start each time', () => {
    const none = (): undefined => undefined;
    const router = new Router({
      routes: [
        none,
        [
          [/cut/g, 'cuts'],
          [/feed/y, 'feeds'],
        ],
      ],
      defaultQueue: 'celery',
    });
    const queueOf = (task: string) => router.route({ task, args: [], kwargs: {} }, {}, undefined).routingKey;
    expect(['video.cut', 'video.cut', 'a.feed', 'feed.a', 'feed.a'].map(queueOf)).toEqual([
      'cuts',
      'cuts',
      'celery',
      'feeds',
      'feeds',
    ]);
  });

  it('asks functions for each call, and goes on where they have no answer', () => {
    const routes: Routes = [({ args }) => (args[0] === 'big' ? 'big' : undefined), { 'math.*': 'math' }];
    const router = new Router({ routes, defaultQueue: 'celery' });
    expect(router.route({ task: 'math.add', args: ['big'], kwargs: {} }, {}, undefined).routingKey).toBe(
      'big',
    );
    expect(router.route({ task: 'math.add', args: ['small'], kwargs: {} }, {}, undefined).routingKey).toBe(
      'math',
    );
  });

  it('treats every character of a pattern but the star as itself', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string(), (name, rest) => {
        fc.pre(!name.includes('*'));
        const routes = { [`${name}*`]: 'found' };
        expect(route(routes, name + rest).routingKey).toBe('found');
        fc.pre(!`x${name}${rest}`.startsWith(name));
        expect(route(routes, `x${name}${rest}`).routingKey).toBe('celery');
      }),
    );
  });
});
