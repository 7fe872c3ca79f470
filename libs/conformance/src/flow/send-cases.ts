import assert from 'node:assert/strict';
import type { TaskResult } from '@lovage/core';
import type { ConformanceCase } from '../conformance-case.js';
import { inScene } from './flow-scene.js';

/** Calls that may turn out not to be sent. */
export const sendCases: readonly ConformanceCase[] = [
  {
    name: 'debounce: only the last of several calls runs, once no more have come',
    run: inScene(
      () => ({ index: { options: { debounce: { wait: 0.6, by: ([page]) => page as string } } } }),
      async (scene) => {
        const { client } = await scene.worker();
        const results: TaskResult[] = [];
        for (let n = 0; n < 4; n += 1) results.push(await client.send('index', { args: ['home', n] }));
        await client.send('index', { args: ['other', 0] });
        await scene.ended(2);
        await scene.until('all calls should end', async () => {
          for (const result of results) if (!(await result.ready())) return false;
          return true;
        });
        assert.deepEqual(scene.runs.map(({ args }) => args.join(' ')).toSorted(), ['home 3', 'other 0']);
        assert.equal(await results[0]?.state(), 'IGNORED');
        assert.equal(await results[3]?.state(), 'SUCCESS');
      },
    ),
  },
  {
    name: 'debounce: a call after the window begins another one',
    run: inScene(
      () => ({ index: { options: { debounce: 0.2 } } }),
      async (scene) => {
        const { client } = await scene.worker();
        await client.send('index');
        await scene.ended(1);
        await client.send('index');
        await scene.ended(2);
      },
    ),
  },
  {
    name: 'idempotency key: the same key gives the same task, whoever sends it and with whatever arguments',
    run: inScene(
      () => ({ charge: { options: {} }, refund: { options: {} } }),
      async (scene) => {
        const one = (await scene.client()).client;
        const two = (await scene.client()).client;
        const call = { idempotencyKey: 'order 4711' };
        const sent = await scene.settled(
          Promise.all(
            Array.from(
              { length: 12 },
              async (_, n) => await (n % 2 === 0 ? one : two).send('charge', { args: [n], ...call }),
            ),
          ),
        );
        assert.equal(new Set(sent.map(({ id }) => id)).size, 1);
        const long = await one.send('refund', { idempotencyKey: 'x'.repeat(5000) });
        assert.notEqual(long.id, sent[0]?.id);
        await scene.worker();
        await scene.ended(2);
        assert.equal((await two.send('charge', call)).id, sent[0]?.id, 'also when it has ended');
        assert.equal(scene.runs.length, 2);
      },
    ),
  },
  {
    name: 'idempotency key: may be used again when it is forgotten, or when nothing could be sent',
    run: inScene(
      () => ({ charge: { options: {} } }),
      async (scene) => {
        const { client } = await scene.client();
        const short = { idempotencyKey: 'k', idempotencyTtl: 0.3 };
        const first = await client.send('charge', short);
        await scene.until('the key should be forgotten', async () => {
          return (await scene.settled(client.send('charge', short))).id !== first.id;
        });
        const unroutable = { idempotencyKey: 'u', exchange: 'nowhere', routingKey: 'x' };
        await assert.rejects(client.send('charge', unroutable));
        const sent = await client.send('charge', { idempotencyKey: 'u', taskId: 'mine' });
        assert.equal(sent.id, 'mine');
      },
    ),
  },
];
