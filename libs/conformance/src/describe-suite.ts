import { brokerCases } from './broker/broker-cases.js';
import { type ModelOptions, modelCases } from './broker-model/model-cases.js';
import { type ConformanceCase, runCase } from './conformance-case.js';
import { flowCases } from './flow/flow-cases.js';
import { destinationCases } from './destinations/destination-cases.js';
import type { HarnessFactory } from './harness.js';
import { inspectorCases } from './inspector/inspector-cases.js';
import { ledgerCases } from './ledger/ledger-cases.js';
import { resultStoreCases } from './result-store/result-store-cases.js';
import { taskLifeCases } from './task-life/task-life-cases.js';
import { workflowCases } from './workflows/workflow-cases.js';

/** Longest time for one case, over a network and on a slow machine; nothing waits for it to pass. */
const timeoutMs = 120_000;

function describeSuite(port: string, factory: HarnessFactory, cases: readonly ConformanceCase[]): void {
  describe(`${port} (${factory.name})`, () => {
    for (const one of cases) {
      // reason: the cases assert with node:assert, so that they also run outside of jest.
      // oxlint-disable-next-line jest/expect-expect, jest/valid-title
      it(one.name, async () => await runCase(factory, one), timeoutMs);
    }
  });
}

/** Registers the suite of the broker with jest, the random comparison with the model included. */
export function describeBroker(factory: HarnessFactory, model?: ModelOptions): void {
  describeSuite('broker', factory, [...brokerCases, ...modelCases(model)]);
}

export function describeResultStore(factory: HarnessFactory): void {
  describeSuite('result store', factory, resultStoreCases);
}

export function describeLedger(factory: HarnessFactory): void {
  describeSuite('ledger', factory, ledgerCases);
}

export function describeInspector(factory: HarnessFactory): void {
  describeSuite('inspector', factory, inspectorCases);
}

/** Where calls of an app go and what its workers take: each queue, exchange and broadcast. */
export function describeDestinations(factory: HarnessFactory): void {
  describeSuite('destinations', factory, destinationCases);
}

/** Whole workers and clients on the driver: retries, outcomes, limits, cancellation, hooks. */
export function describeTaskLife(factory: HarnessFactory): void {
  describeSuite('life of a task', factory, taskLifeCases);
}

/** For drivers with all four ports. */
export function describeFlowControl(factory: HarnessFactory): void {
  describeSuite('flow control', factory, flowCases);
}

/** Workflows, run by an app on the driver: for drivers with broker and result store. */
export function describeWorkflows(factory: HarnessFactory): void {
  describeSuite('workflows', factory, workflowCases);
}
