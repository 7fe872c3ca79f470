import { chain, chord, group } from '../../../src/client/canvas/compose.js';
import { Signature } from '../../../src/client/canvas/signature.js';
import type { SignatureJson } from '../../../src/message/signature-json.js';
import { closeTestApps, testApp } from '../../support/test-app.js';

afterEach(closeTestApps);

async function tasks() {
  const { app } = await testApp(
    {
      add: (x: number, y: number) => x + y,
      named: (options: Record<string, unknown>) => options,
      xsum: (all: number[]) => all.reduce((sum, one) => sum + one, 0),
    },
    { worker: { queues: ['celery'] } },
  );
  const { client } = app;
  return {
    app,
    client,
    add: client.caller<[number, number], number>('add'),
    xsum: client.caller<[readonly number[]], number>('xsum'),
  };
}

describe('a signature', () => {
  it('never changes: clone, partial, set, link and setImmutable give new ones', async () => {
    const { add } = await tasks();
    const one = add.s(2);
    const before = JSON.stringify(one);
    const cloned = one.clone([4], { z: 1 }, { queue: 'a' });
    expect(cloned.toJSON()).toMatchObject({ args: [4, 2], kwargs: { z: 1 }, options: { queue: 'a' } });
    expect(cloned.clone([], { z: 2 }, { priority: 3 }).toJSON()).toMatchObject({
      args: [4, 2],
      kwargs: { z: 2 },
      options: { queue: 'a', priority: 3 },
    });
    expect(cloned.set({ queue: 'b' }).options).toMatchObject({ queue: 'b' });
    expect(one.partial(4).args).toEqual([4, 2]);
    expect(one.link(add.s(1)).options['link']).toHaveLength(1);
    expect(one.linkError(add.s(1)).options['link_error']).toHaveLength(1);
    expect(one.setImmutable().immutable).toBe(true);
    expect(JSON.stringify(one)).toBe(before);
  });

  it('takes options of a call over its own, and over those of the task', async () => {
    const { client, app } = await tasks();
    app.registry.add({ name: 'timed', run: () => 1, options: { expires: 60, priority: 1 }, source: 'test' });
    const one = client.signature('timed', { priority: 2, headers: { a: 1 }, queue: 'mine' });
    const taskId = crypto.randomUUID();
    await one.applyAsync([], { priority: 3, taskId });
    const deadline = app.stores.deadline();
    const page = await app.stores.inspector?.messages({ queue: 'mine', place: 'ready', limit: 1, deadline });
    const [message] = page?.messages ?? [];
    expect(message?.message).toMatchObject({
      headers: { id: taskId, a: 1, expires: expect.any(String) },
      properties: { priority: 3 },
    });
  });

  it('that is immutable takes options and no arguments', async () => {
    const { add } = await tasks();
    const one = add.si(2, 3);
    expect(one.clone([9], { z: 1 }, { queue: 'a' }).toJSON()).toMatchObject({
      args: [2, 3],
      kwargs: {},
      options: { queue: 'a' },
      immutable: true,
    });
    expect(await one.call()).toBe(5);
    expect(await (await one.delay()).get()).toBe(5);
  });

  it('of a group or a chord becomes immutable by its members', async () => {
    const { add, xsum } = await tasks();
    const sides = group(add.s(1, 1), add.s(2, 2));
    const members = (sides.setImmutable().toJSON().kwargs['tasks'] ?? []) as SignatureJson[];
    expect(members.map(({ immutable }) => immutable)).toEqual([true, true]);
    const sum = chord([add.s(1, 1), add.s(2, 2)], xsum.s()).setImmutable();
    expect(await (await chain(add.s(5, 5), sum).delay()).get()).toBe(6);
  });

  it('is called here and now, with what is missing; a composition can only be sent', async () => {
    const { add } = await tasks();
    expect(await add.s(2).call(3)).toBe(5);
    expect(await add.s().call(3, 4)).toBe(7);
    await expect(chain(add.s(1, 1), add.s(2)).call()).rejects.toMatchObject({
      code: 'LOVAGE_SIGNATURE_INVALID',
    });
  });

  it('has keyword arguments, also of the call', async () => {
    const { client } = await tasks();
    const one = client.signature('named', { kwargs: { a: 1, b: 1 } });
    const result = await one.applyAsync([], { kwargs: { b: 2, c: 3 } });
    expect(await result.get()).toEqual({ a: 1, b: 2, c: 3 });
  });

  it('goes through JSON and back, and is bound to the client that reads it', async () => {
    const { client, add, xsum } = await tasks();
    const whole = chain(add.s(1, 1), group(add.s(1), add.s(2)), xsum.s());
    const text = JSON.stringify(whole);
    const read = client.signature<number>(JSON.parse(text) as SignatureJson);
    expect(JSON.stringify(read)).toBe(text);
    expect(await (await read.delay()).get()).toBe(7);
    const loose = new Signature<number>(JSON.parse(text) as SignatureJson);
    await expect(loose.delay()).rejects.toMatchObject({ code: 'LOVAGE_SIGNATURE_UNBOUND' });
    expect(await (await client.apply(loose)).get()).toBe(7);
  });

  it('can be sent any number of times, each time with ids of its own', async () => {
    const { add } = await tasks();
    const steps = chain(add.s(1, 1), add.s(2));
    const results = [await steps.delay(), await steps.delay()];
    expect(new Set(results.flatMap((one) => [one.id, one.parent?.id])).size).toBe(4);
    expect(await Promise.all(results.map(async (one) => await one.get()))).toEqual([4, 4]);
  });
});
