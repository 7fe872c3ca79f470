/** One suite for each port: the only definition of what a driver must do. */
export { brokerCases } from './broker/broker-cases.js';
export { modelCases, type ModelOptions } from './broker-model/model-cases.js';
export { type ConformanceCase, runCase } from './conformance-case.js';
export {
  describeBroker,
  describeFlowControl,
  describeInspector,
  describeLedger,
  describeResultStore,
  describeDestinations,
  describeTaskLife,
  describeWorkflows,
} from './describe-suite.js';
export { flowCases } from './flow/flow-cases.js';
export {
  brokerOf,
  type Harness,
  type HarnessFactory,
  inspectorOf,
  isAtomic,
  ledgerOf,
  resultsOf,
} from './harness.js';
export { inChildren } from './in-children.js';
export { inspectorCases } from './inspector/inspector-cases.js';
export { describeLifeFromPython, describeLifeInPython } from './interop/life-with-python.js';
export { describeMixedWorkflows } from './interop/mixed-workflows.js';
export type { PythonCall, PythonCaller, PythonOutcome, PythonStage } from './interop/python-stage.js';
export { ledgerCases } from './ledger/ledger-cases.js';
export { memoryHarness } from './memory-harness.js';
export { resultStoreCases } from './result-store/result-store-cases.js';
export { resultsElsewhere } from './results-elsewhere.js';
export { LifeScene, type LifeTask, type LifeTasks } from './task-life/life-scene.js';
export { taskLifeCases } from './task-life/task-life-cases.js';
export {
  fold,
  replaced,
  replacingShapes,
  type Shape,
  shapes,
  signatureOf,
  sizeOf,
  task,
  valueOf,
} from './workflows/workflow-model.js';
