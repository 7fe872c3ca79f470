import { Deadline } from '../../../src/clock/deadline.js';
import { VirtualClock } from '../../../src/clock/virtual-clock.js';
import { createMemoryDriver } from '../../../src/memory/memory-driver.js';
import { defaultMessageLimits } from '../../../src/message/message-limits.js';
import { Stores } from '../../../src/stores/stores.js';
import type { Outcome } from '../../../src/worker/outcome.js';
import { ChildPool } from '../../../src/worker/pools/child-pool.js';
import type { PoolSettings } from '../../../src/worker/pools/pool-settings.js';
import { ChildCalls } from '../../../src/worker/pools/relay/child-calls.js';
import { Run } from '../../../src/worker/run.js';
import { type FakeChild, FakeChildren } from './fake-children.js';

const settings: PoolSettings = {
  kind: 'processes',
  concurrency: 2,
  concurrencyPerChild: 1,
  autoscaleFrom: undefined,
  maxTasksPerChild: undefined,
  maxBytesPerChild: undefined,
  entry: { module: 'file:///app.js' },
  bootTimeoutMs: 60_000,
};

let nextRun = 1;
export const runOf = (deliveries = 1, headers: object = {}): Run => {
  const id = `task-${nextRun++}`;
  const run = new Run({
    message: {
      contentType: 'application/json',
      contentEncoding: 'utf-8',
      headers: { id, task: 't', ...headers },
      properties: {},
      body: '[[],{},{}]',
    },
    queue: 'q',
    exchange: '',
    routingKey: 'q',
    deliveries,
    redelivered: deliveries > 1,
  });
  return run;
};

/** A pool of children that do nothing by themselves, and what it told. */
export interface Scene {
  readonly pool: ChildPool;
  readonly children: FakeChildren;
  readonly clock: VirtualClock;
  readonly problems: unknown[];
  readonly outcomes: Map<Run, Outcome[]>;
  /** @param prepare what the worker does with a run before its pool has it */
  readonly begin: (deliveries?: number, prepare?: (run: Run) => void, headers?: object) => Run;
  readonly settle: () => Promise<void>;
  /** How often it said that runs may begin. */
  freed: number;
  /** Told each time. */
  onFree: () => void;
  stuck: number;
}

export function sceneOf(options: Partial<PoolSettings> = {}, onLaunch?: (child: FakeChild) => void): Scene {
  const clock = new VirtualClock();
  const children = new FakeChildren();
  children.onLaunch = onLaunch ?? ((child) => child.ready());
  const problems: unknown[] = [];
  const outcomes = new Map<Run, Outcome[]>();
  const { broker } = createMemoryDriver(new URL('memory://'), { clock, newId: () => 'id' });
  if (broker === undefined) throw new Error('no broker');
  const stores = new Stores({
    clock,
    broker,
    results: undefined,
    ledger: undefined,
    inspector: undefined,
    topology: {},
    timeoutMs: 1000,
  });
  const merged = { ...settings, ...options };
  const pool = new ChildPool({
    clock,
    settings: merged,
    entry: { module: 'file:///app.js' },
    launcher: children,
    hostname: 'test',
    limits: defaultMessageLimits,
    taskNames: () => ['t'],
    openCalls: (tell) => new ChildCalls(stores, tell),
    onFree: () => {
      scene.freed += 1;
      scene.onFree();
    },
    onStuck: () => {
      scene.stuck += 1;
    },
    onProblem: (error) => problems.push(error),
  });
  const scene: Scene = {
    pool,
    children,
    clock,
    problems,
    outcomes,
    freed: 0,
    onFree: () => undefined,
    stuck: 0,
    begin: (deliveries, prepare, headers) => {
      const run = runOf(deliveries, headers);
      prepare?.(run);
      outcomes.set(run, []);
      pool.begin(
        run,
        () => undefined,
        (ended, outcome) => outcomes.get(ended)?.push(outcome),
      );
      return run;
    },
    settle: async () => await clock.settle(),
  };
  return scene;
}

/** A scene whose children are ready. */
export const started = async (...args: Parameters<typeof sceneOf>): Promise<Scene> => {
  const scene = sceneOf(...args);
  await scene.pool.start(new AbortController().signal);
  return scene;
};

export const stop = async ({ pool, clock, children }: Scene): Promise<void> => {
  children.onLaunch = () => undefined;
  const stopped = pool.stop(Deadline.in(clock, 0));
  await clock.advance(5000);
  await stopped;
};

export const first = ({ children }: Scene, index = 0): FakeChild => {
  const child = children.alive[index];
  if (child === undefined) throw new Error('no such child');
  return child;
};
