import { describeBroker } from '@lovage/conformance';
import { describeWith } from '@lovage/services';
import { ClusterNodes } from '../support/cluster-nodes.js';
import { redisHarness } from '../support/redis-harness.js';

// Run from the sources leases are kept by the loop of the test, which several servers on one machine may hold up for a second.
const lease = '3s';

describeWith('redis-server', 'conformance', () => {
  describeBroker(redisHarness({ topology: new ClusterNodes(), lease }), { runs: 5, commands: 30 });
});
