import assert from 'node:assert/strict';
import { type AnyResult, chain, chord, group } from '@lovage/core';
import type { ConformanceCase } from '../conformance-case.js';
import { gate } from '../task-life/gate.js';
import { LifeScene, type LifeTasks } from '../task-life/life-scene.js';

const kinds = ['chain', 'group', 'chord'] as const;

/** Whole workflows that are revoked. */
const wholeCases: readonly ConformanceCase[] = kinds.map((kind) => ({
  name: `a ${kind} is revoked as a whole: what runs ends, and nothing follows`,
  run: async (harness) => {
    let running = 0;
    const { opened, open } = gate();
    const ran: string[] = [];
    const told: unknown[] = [];
    const tasks: LifeTasks = {
      slow: async () => {
        running += 1;
        await opened;
        return 1;
      },
      step: (task) => {
        ran.push(task.id);
      },
      told: (_task, id) => {
        told.push(id);
      },
    };
    await LifeScene.play(harness, tasks, async (scene, app) => {
      const { client } = app;
      const slow = client.signature('slow');
      const step = client.signature('step');
      const composed = {
        chain: chain(slow, step, step),
        group: group(chain(slow, step), slow),
        chord: chord([slow, chain(slow, step)], chain(step, step)),
      }[kind];
      const result: AnyResult = await client.apply(composed.linkError(client.signature('told')));
      await scene.until('its first tasks run', () => running === (kind === 'chain' ? 1 : 2));
      const revoked = await result.revokeAll();
      assert.ok(revoked.length >= 3, 'all of its tasks are revoked');
      open();
      await scene.until('it has ended', async () => await result.ready());
      await scene.until('a callback has run', () => told.length > 0);
      await scene.untilSettled();
      assert.deepEqual(ran, []);
      assert.equal(await result.successful(), false);
      const graph = await result.graph();
      const waiting = graph.nodes.filter(({ state }) => state === 'PENDING');
      assert.deepEqual(waiting, [], 'nothing waits for ever');
    });
  },
}));

/** Stamps go with all messages of a workflow, so that it is revoked by one of them. */
const stampCase: ConformanceCase = {
  name: 'a stamp goes with all that follows, and all of it is revoked by the stamp',
  run: async (harness) => {
    let running = 0;
    const { opened, open } = gate();
    const ran: string[] = [];
    const tasks: LifeTasks = {
      quick: () => 1,
      slow: async () => {
        running += 1;
        await opened;
        return 1;
      },
      step: (_task, name) => {
        ran.push(String(name));
      },
    };
    await LifeScene.play(harness, tasks, async (scene, app) => {
      const { client } = app;
      const step = (name: string) => client.signature('step', { args: [name], immutable: true });
      const begin = async (tenant: string): Promise<AnyResult> => {
        const slow = client.signature('slow', { immutable: true }).link(step(`${tenant} link`));
        const flow = chain(client.signature('quick'), chord([slow, slow], step(`${tenant} body`)));
        return await flow.applyAsync([], { stamps: { tenant } });
      };
      const results = [await begin('acme'), await begin('other')];
      await scene.until('the parts run', () => running === 4);
      await client.revokeByStampedHeaders({ tenant: ['acme'] });
      open();
      for (const result of results) await scene.until('it has ended', async () => await result.ready());
      await scene.untilSettled();
      assert.deepEqual(ran.toSorted(), ['other body', 'other link', 'other link']);
    });
  },
};

export const revocationCases: readonly ConformanceCase[] = [...wholeCases, stampCase];
