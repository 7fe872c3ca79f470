import {
  describeBroker,
  describeInspector,
  describeLedger,
  describeResultStore,
  memoryHarness,
} from '@lovage/conformance';

describeBroker(memoryHarness());
describeResultStore(memoryHarness());
describeLedger(memoryHarness());
describeInspector(memoryHarness());
