import { brokerNamed } from '../brokers/broker-table.js';
import type { BrokerUnderTest } from '../brokers/broker-under-test.js';
import { type RunHeading, RunFolder } from '../check/run-folder.js';
import { FaultLog } from '../faults/fault-log.js';
import { planFaults } from '../faults/fault-plan.js';
import { doFaults } from './do-faults.js';
import { Random } from './random.js';
import { RunWatch } from './run-watch.js';
import type { Settings } from './settings.js';
import { WorkerFleet } from './worker-fleet.js';

/** What every run with workers is told. */
export type StageSettings = Pick<
  Settings,
  | 'broker'
  | 'kills'
  | 'restarts'
  | 'workers'
  | 'concurrency'
  | 'leaseMs'
  | 'maxDeliveries'
  | 'seed'
  | 'faults'
  | 'fsync'
  | 'keepsResults'
>;

/** Longer than any task, so that SIGTERM makes none run twice. */
const drainMs = 10_000;
const tellEveryMs = 5000;

/** What a run of work under faults has, whatever the work is: a broker, workers, faults, evidence, and who looks on. */
export class RunStage {
  readonly log: FaultLog;
  readonly fleet: WorkerFleet;
  readonly watch: RunWatch;
  private telling: NodeJS.Timeout | undefined;

  constructor(
    readonly broker: BrokerUnderTest,
    private readonly settings: StageSettings,
    readonly folder: RunFolder,
    heading: Pick<RunHeading, 'sendsAgain'>,
    watchesResults: boolean,
  ) {
    const { seed, leaseMs, keepsResults, workers, concurrency, maxDeliveries } = settings;
    const { sweepMs, cutTakesWork } = broker;
    const stallMs = leaseMs / 3;
    folder.writeHeading({ leaseMs, sweepMs, keepsResults, cutTakesWork, ...heading });
    this.log = new FaultLog(folder);
    const stores = { broker: broker.url, results: broker.resultsUrl };
    this.fleet = new WorkerFleet(
      workers,
      { folder: folder.path, ...stores, keepsResults, seed, concurrency, maxDeliveries, drainMs, stallMs },
      this.log,
      new Random(seed),
    );
    this.watch = new RunWatch(folder, broker, watchesResults, stallMs);
  }

  /** Resolves when a worker can take work. */
  async begin(tell: () => void): Promise<void> {
    this.telling = setInterval(tell, tellEveryMs);
    await this.fleet.fill();
    await this.fleet.oneReady();
  }

  /** Does the faults that were asked for, one after the other. */
  async disturb(killProducer?: () => Promise<void>): Promise<void> {
    const { broker, fleet, log } = this;
    const { kills, faults, seed, restarts, leaseMs } = this.settings;
    const steps = planFaults(kills, faults, new Random(seed + 1), restarts);
    await doFaults(steps, { broker, leaseMs, fleet, log, killProducer });
  }

  /** Writes down what the stores have when all is quiet. The workers go on until they are closed. */
  async keepWhatIsThere(): Promise<void> {
    const { broker, folder, watch } = this;
    await watch.close();
    folder.append('messages', await broker.messages());
    folder.append('results', await broker.results());
  }

  async abandon(): Promise<void> {
    clearInterval(this.telling);
    await this.watch.close();
    await this.fleet.abandon();
  }
}

/** Starts the broker of a run, and ends it behind the run. */
export async function withBroker<T>(
  settings: StageSettings,
  play: (broker: BrokerUnderTest) => Promise<T>,
): Promise<T> {
  const broker = await brokerNamed(settings.broker)(settings);
  try {
    return await play(broker);
  } finally {
    await broker.close();
  }
}
