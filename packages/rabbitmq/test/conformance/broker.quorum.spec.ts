import { describeBroker } from '@lovage/conformance';
import { describeWith } from '@lovage/services';
import { rabbitHarness } from '../support/rabbit-harness.js';

describeWith('rabbitmq-server', 'conformance', () => {
  describeBroker(
    rabbitHarness({
      name: 'rabbitmq, quorum queues',
      parameters: { queueType: 'quorum', delayQueueType: 'quorum' },
      shared: true,
    }),
    { runs: 2, commands: 30 },
  );
});
