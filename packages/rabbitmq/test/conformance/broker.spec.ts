import { describeBroker } from '@lovage/conformance';
import { describeWith } from '@lovage/services';
import { rabbitHarness } from '../support/rabbit-harness.js';

describeWith('rabbitmq-server', 'conformance', () => {
  // Time is real here: each sequence of the model test takes seconds.
  describeBroker(rabbitHarness({ shared: true }), { runs: 4, commands: 30 });
});
