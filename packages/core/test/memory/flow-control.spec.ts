import { describeFlowControl, memoryHarness } from '@lovage/conformance';

describeFlowControl(memoryHarness());
