import { describeWorkflows } from '@lovage/conformance';
import { describeWith } from '@lovage/services';
import { redisHarness } from '../support/redis-harness.js';

describeWith('redis-server', 'conformance', () => {
  describeWorkflows(redisHarness());
});
