import { describeWorkflows, resultsElsewhere } from '@lovage/conformance';
import { describeWith } from '@lovage/services';
import { rabbitHarness } from '../support/rabbit-harness.js';

describeWith('rabbitmq-server', 'conformance', () => {
  describeWorkflows(resultsElsewhere(rabbitHarness({ shared: true })));
});
