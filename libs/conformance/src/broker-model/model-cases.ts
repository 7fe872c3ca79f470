import fc from 'fast-check';
import type { ConformanceCase } from '../conformance-case.js';
import { brokerOf, type Harness } from '../harness.js';
import { BrokerModel } from './broker-model.js';
import { BrokerRun } from './broker-run.js';
import { commandsOf, queueCount } from './commands.js';

export interface ModelOptions {
  /** Random sequences. Default 100. */
  readonly runs?: number;
  /** Longest sequence. Default 60. */
  readonly commands?: number;
  /** Repeats what was printed with a failure. Default: a new one each time. */
  readonly seed?: number;
  /** Look for the shortest sequence that fails. Default true. */
  readonly shrink?: boolean;
}

/** Compares a broker with the model in random sequences of everything that can be asked of it. */
export const modelCases = ({
  runs = 100,
  commands = 60,
  seed,
  shrink = true,
}: ModelOptions = {}): readonly ConformanceCase[] => [
  {
    name: `does what the model does, in ${runs} random sequences of up to ${commands} commands`,
    run: async (harness) => {
      const { delayedDelivery } = brokerOf(harness.view).capabilities;
      await fc.assert(
        fc.asyncProperty(
          commandsOf(commands, delayedDelivery),
          async (steps) => await compare(harness, steps),
        ),
        { numRuns: runs, endOnFailure: !shrink, ...(seed === undefined ? {} : { seed }) },
      );
    },
  },
];

async function compare(
  harness: Harness,
  steps: Iterable<fc.AsyncCommand<BrokerModel, BrokerRun>>,
): Promise<void> {
  const model = new BrokerModel();
  const run = await BrokerRun.start(harness, model, queueCount);
  try {
    await fc.asyncModelRun(() => ({ model, real: run }), steps);
    await run.finish();
  } finally {
    for (const consumer of run.consumers) await consumer.close({ deadline: harness.deadline() });
  }
}
