import { describeLedger } from '@lovage/conformance';
import { describeWith } from '@lovage/services';
import { ClusterNodes } from '../support/cluster-nodes.js';
import { redisHarness } from '../support/redis-harness.js';
import { SentinelServers } from '../support/sentinel-servers.js';

describeWith('redis-server', 'conformance', () => {
  describeLedger(redisHarness());
  describeLedger(redisHarness({ topology: new SentinelServers() }));
  describeLedger(redisHarness({ topology: new ClusterNodes() }));
});
