import { describeWith, waitFor } from '@lovage/services';
import { type ChildWorker, ChildWorkers } from '../support/child-worker.js';
import { FaultScene } from '../support/fault-scene.js';
import { type FlowProcess, flowProcess } from '../support/flow-tasks.js';

jest.setTimeout(180_000);

/** Longest wait for a condition; spent only by a test that fails. */
const withinMs = 120_000;

/** One run, as the lines of the children tell it. Times of the machine's calendar, in milliseconds. */
interface ToldRun {
  readonly id: string;
  readonly beganMs: number;
  /** Its end, or that of its process. */
  readonly endedMs: number;
  readonly finished: boolean;
}

describeWith('redis-server', 'flow control of processes that are killed', () => {
  const scene = new FaultScene();
  const children = new ChildWorkers('flow-child-entry');
  const killed = new Map<ChildWorker, number>();
  const all: ChildWorker[] = [];
  const processes: FlowProcess[] = [];

  beforeAll(async () => await scene.start());
  beforeEach(async () => {
    await scene.reset();
    killed.clear();
    all.length = 0;
  });
  afterEach(async () => {
    await children.clear();
    for (const { app } of processes.splice(0)) await app.close();
    await scene.clear();
  });
  afterAll(async () => {
    await children.close();
    await scene.close();
  });

  const url = (): string => scene.urlOf('lease=1s');

  async function worker(): Promise<ChildWorker> {
    const child = await children.start(url(), 'worker');
    all.push(child);
    return child;
  }

  async function local(works: boolean): Promise<FlowProcess> {
    const made = await flowProcess(url(), works, async () => undefined);
    processes.push(made);
    return made;
  }

  async function kill(child: ChildWorker): Promise<void> {
    // Its end is seen late on a busy machine; what it did in its last moment is not told as having gone on.
    killed.set(child, Date.now());
    await child.program.kill();
  }

  function runs(task: string): readonly ToldRun[] {
    return all.flatMap((child) => {
      const lines = child.lines.map((line) => line.split(' '));
      const ends = lines.filter(([word, name]) => word === 'ended' && name === task);
      return lines
        .filter(([word, name]) => word === 'began' && name === task)
        .map(([, , id = '', at]) => {
          const end = ends.find((words) => words[2] === id && Number(words[3]) >= Number(at));
          const endedMs =
            end === undefined ? (killed.get(child) ?? Number.POSITIVE_INFINITY) : Number(end[3]);
          return { id, beganMs: Number(at), endedMs, finished: end !== undefined };
        });
    });
  }

  const finished = (task: string): ReadonlySet<string> =>
    new Set(runs(task).flatMap(({ id, finished: isFinished }) => (isFinished ? [id] : [])));

  /** A run that ends in a millisecond in which another begins was before it. */
  const atOnce = (task: string): number => {
    const told = runs(task);
    const counts = told.map(
      ({ beganMs }) => told.filter((run) => run.beganMs <= beganMs && run.endedMs > beganMs).length,
    );
    return Math.max(0, ...counts);
  };

  /** Sends while the action goes on, as much as is needed for the workers to be busy; gives the ids. */
  async function sendDuring(task: string, action: () => Promise<void>): Promise<readonly string[]> {
    const { app } = await local(false);
    const ids: string[] = [];
    const state = { over: false };
    const acting = action().finally(() => {
      state.over = true;
    });
    while (!state.over) {
      const missing = 20 - (ids.length - finished(task).size);
      for (let n = 0; n < missing; n += 1) ids.push((await app.client.send(task)).id);
      await new Promise<void>((resolve) => setTimeout(resolve, 20));
    }
    await acting;
    return ids;
  }

  /** Kills workers in the midst of a task and starts others in their place. */
  async function killSome(rounds: number): Promise<void> {
    for (let round = 0; round < rounds; round += 1) {
      const victim = all.find((child) => !killed.has(child)) as ChildWorker;
      const before = victim.lines.filter((line) => line.startsWith('began')).length;
      await waitFor(() => victim.lines.filter((line) => line.startsWith('began')).length > before, {
        withinMs,
        what: 'a worker to begin a task',
      });
      await kill(victim);
      await worker();
    }
  }

  it('never has more at once than the limit, and loses nothing', async () => {
    await Promise.all([worker(), worker()]);
    const sent = await sendDuring('capped', async () => await killSome(4));
    await waitFor(() => finished('capped').size === sent.length, { withinMs, what: 'all tasks to end' });
    expect(finished('capped')).toStrictEqual(new Set(sent));
    expect(atOnce('capped')).toBeLessThanOrEqual(2);
  });

  it('keeps a shared rate, and loses nothing', async () => {
    await Promise.all([worker(), worker()]);
    const start = Date.now();
    const sent = await sendDuring('rated', async () => await killSome(3));
    await waitFor(() => finished('rated').size === sent.length, { withinMs, what: 'all tasks to end' });
    const began = runs('rated')
      .map(({ beganMs }) => beganMs)
      .toSorted((a, b) => a - b);
    // The n-th can not begin before its token is there; 20 ms for the clocks.
    for (const [index, at] of began.entries()) expect(at).toBeGreaterThanOrEqual(start + index * 50 - 20);
  });

  it('runs a unique task once at a time, and every task whose id was given to a caller comes to its end', async () => {
    const { app } = await local(false);
    await Promise.all([worker(), worker()]);
    const ids = new Set<string>();
    const sending = { goesOn: true };
    const sender = (async () => {
      while (sending.goesOn) {
        ids.add((await app.client.send('single')).id);
        await new Promise<void>((resolve) => setTimeout(resolve, 5));
      }
    })();
    await killSome(4);
    sending.goesOn = false;
    await sender;
    await waitFor(() => [...ids].every((id) => finished('single').has(id)), {
      withinMs,
      what: 'all tasks to end',
    });
    expect(atOnce('single')).toBeLessThanOrEqual(1);
    // Of its place nothing is left but what the next one takes.
    const next = await app.client.send('single');
    await expect(next.get({ timeout: 60 })).resolves.toBeNull();
  });

  it('gives no idempotency key to a task that was never sent, and none to two', async () => {
    const { app } = await local(true);
    for (let round = 0; round < 5; round += 1) {
      const child = await children.start(url(), 'sender');
      child.tell(`keys round${round}`);
      await child.said(new RegExp(`^sent round${round}-${3 + round} `));
      await child.program.kill();
      const attempted = child.lines.filter((line) => line.startsWith('sending '));
      const answered = new Map(
        child.lines
          .map((line) => line.split(' '))
          .filter(([word, , id]) => word === 'sent' && id !== undefined)
          .map(([, key, id]) => [key, id] as const),
      );
      for (const line of attempted) {
        const key = line.slice('sending '.length);
        const result = await app.client.send('plain', { idempotencyKey: key, idempotencyTtl: 20 });
        // The one that was sent when it was killed was answered to nobody.
        expect(result.id).toBe(answered.get(key) ?? result.id);
        await expect(result.get({ timeout: 60 })).resolves.toBeNull();
      }
    }
  });
});
