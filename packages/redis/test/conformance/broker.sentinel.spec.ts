import { describeBroker } from '@lovage/conformance';
import { describeWith } from '@lovage/services';
import { redisHarness } from '../support/redis-harness.js';
import { SentinelServers } from '../support/sentinel-servers.js';

describeWith('redis-server', 'conformance', () => {
  describeBroker(redisHarness({ topology: new SentinelServers() }), { runs: 5, commands: 30 });
});
