import { describeTaskLife, memoryHarness } from '@lovage/conformance';

describeTaskLife(memoryHarness());
