import { describeInspector } from '@lovage/conformance';
import { describeWith } from '@lovage/services';
import { ClusterNodes } from '../support/cluster-nodes.js';
import { redisHarness } from '../support/redis-harness.js';
import { SentinelServers } from '../support/sentinel-servers.js';

describeWith('redis-server', 'conformance', () => {
  describeInspector(redisHarness());
  describeInspector(redisHarness({ topology: new SentinelServers() }));
  describeInspector(redisHarness({ topology: new ClusterNodes() }));
});
