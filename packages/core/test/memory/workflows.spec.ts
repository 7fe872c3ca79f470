import { describeWorkflows, memoryHarness } from '@lovage/conformance';

describeWorkflows(memoryHarness());
