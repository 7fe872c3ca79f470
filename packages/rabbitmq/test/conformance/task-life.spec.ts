import { describeTaskLife, resultsElsewhere } from '@lovage/conformance';
import { describeWith } from '@lovage/services';
import { rabbitHarness } from '../support/rabbit-harness.js';

describeWith('rabbitmq-server', 'conformance', () => {
  describeTaskLife(resultsElsewhere(rabbitHarness({ shared: true })));
});
