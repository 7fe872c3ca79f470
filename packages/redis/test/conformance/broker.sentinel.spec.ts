import { describeBroker } from '@lovage/conformance';
import { describeWith } from '@lovage/services';
import { redisHarness } from '../support/redis-harness.js';
import { SentinelServers } from '../support/sentinel-servers.js';

// Run from the sources leases are kept by the loop of the test, which several servers on one machine may hold up for a second.
const lease = '3s';

describeWith('redis-server', 'conformance', () => {
  describeBroker(redisHarness({ topology: new SentinelServers(), lease }), { runs: 5, commands: 30 });
});
