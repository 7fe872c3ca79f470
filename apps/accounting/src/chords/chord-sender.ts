import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { chord, isLovageError, SystemClock, TaskApp } from '@lovage/core';
import type { RunFolder } from '../check/run-folder.js';
import { EvidenceFile } from '../evidence/evidence-file.js';
import { queueName, taskIdOf, workMsOf } from '../run/task-plan.js';
import { whileMoving } from '../run/while-moving.js';
import { bodyName, type ChordPlan, memberName, numbersOf } from './chord-plan.js';

/** Values that have not come are given up when nothing has ended for so long. */
const stillMs = 120_000;
const pauseMs = 5;

/** Sends the chords of a run evenly, and writes down what it sends and what it is told of their values. */
export class ChordSender {
  private readonly evidence: EvidenceFile;
  private readonly waiting = new Set<Promise<void>>();
  private readonly givenUp = new AbortController();

  private constructor(
    private readonly app: TaskApp,
    private readonly plan: ChordPlan,
    private readonly folder: RunFolder,
  ) {
    this.evidence = new EvidenceFile(folder.path, 'sender');
    // All chords listen to it.
    setMaxListeners(0, this.givenUp.signal);
  }

  static async open(
    stores: { readonly broker: string; readonly results: string | undefined },
    plan: ChordPlan,
    folder: RunFolder,
  ): Promise<ChordSender> {
    const app = await TaskApp.create({
      broker: stores.broker,
      ...(stores.results !== undefined && { results: stores.results }),
      defaultQueue: queueName,
      // A broker that is being restarted on a busy machine may be away for longer than usual.
      storeTimeout: '60s',
      publishTimeout: '60s',
      worker: false,
    });
    await app.start();
    return new ChordSender(app, plan, folder);
  }

  /**
   * Resolves when all have been sent.
   *
   * @param rate chords in a second
   */
  async sendAll(rate: number): Promise<void> {
    const began = performance.now();
    const sending: Promise<void>[] = [];
    while (sending.length < this.plan.chords) {
      const due = Math.floor(((performance.now() - began) / 1000) * rate) + 1;
      while (sending.length < Math.min(due, this.plan.chords)) sending.push(this.send(sending.length));
      await sleep(pauseMs);
    }
    await Promise.all(sending);
  }

  /**
   * Resolves when their values have come, or come no more: the bodies may queue behind all the members of all chords.
   *
   * @param ended number of tasks that have come to their end
   */
  async told(ended: () => number): Promise<void> {
    const all = Promise.all(this.waiting);
    const moved = (): number => ended() - this.waiting.size;
    if (await whileMoving(all, moved, stillMs, new SystemClock())) return;
    this.givenUp.abort(new Error(`nothing has ended for ${stillMs} ms`));
    await all;
  }

  async close(): Promise<void> {
    await this.app.close();
    this.evidence.close();
  }

  private async send(number: number): Promise<void> {
    const { client } = this.app;
    const { seed } = this.plan;
    const { members, body } = numbersOf(this.plan, number);
    const id = taskIdOf(seed, body);
    const member = client.caller<[workMs: number, number: number], number>(memberName);
    const last = client.caller<[values: number[], workMs: number, number: number], string>(bodyName);
    const whole = chord(
      members.map((one) => member.s(workMsOf(seed, one), one).set({ taskId: taskIdOf(seed, one) })),
      last.s(workMsOf(seed, body), body).set({ taskId: id }),
    );
    this.evidence.write('SENT', id);
    try {
      const result = await whole.delay();
      this.evidence.write('CONFIRMED', id);
      this.wait(id, result.get({ signal: this.givenUp.signal }));
    } catch (error) {
      this.evidence.write('FAILED', id, isLovageError(error) ? error.code : String(error));
    }
  }

  private wait(id: string, value: Promise<unknown>): void {
    const told = value
      .then(
        (token) => this.folder.append('sightings', [{ id, state: 'SUCCESS', token: String(token) }]),
        (error: unknown) =>
          this.evidence.write('PROBLEM', id, isLovageError(error) ? error.code : String(error)),
      )
      .finally(() => this.waiting.delete(told));
    this.waiting.add(told);
  }
}
