import { describeDestinations, memoryHarness } from '@lovage/conformance';

describeDestinations(memoryHarness());
