import { describeTaskLife, inChildren, memoryHarness } from '@lovage/conformance';

describeTaskLife(memoryHarness());
describeTaskLife(inChildren(memoryHarness()));
