import { setTimeout as sleep } from 'node:timers/promises';
import type { TaskApp, TaskContext } from '@lovage/core';
import { taskIdOf } from '../run/task-plan.js';
import { bodyName, digestOf, memberName, memberValue } from './chord-plan.js';

/**
 * Writes down a run from its beginning to its end. Gives its token.
 *
 * @param id under which it goes in the evidence
 */
export type Witness = (id: string, task: TaskContext, work: () => Promise<void>) => Promise<string>;

/** Members and bodies, as workers run them. They go by their number in the plan, so that a body that is sent once more under another id is noticed. */
export function addChordTasks(app: TaskApp, seed: number, witness: Witness): void {
  app.registry.add({
    name: memberName,
    source: 'accounting',
    options: {},
    run: async ([workMs, number], task) => {
      await witness(taskIdOf(seed, Number(number)), task, async () => await sleep(Number(workMs)));
      return memberValue(Number(number));
    },
  });
  app.registry.add({
    name: bodyName,
    source: 'accounting',
    options: {},
    run: async ([values, workMs, number], task) => {
      await witness(taskIdOf(seed, Number(number)), task, async () => await sleep(Number(workMs)));
      return digestOf(values);
    },
  });
}
