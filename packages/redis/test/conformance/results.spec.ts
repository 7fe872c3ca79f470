import { describeResultStore } from '@lovage/conformance';
import { describeWith } from '@lovage/services';
import { ClusterNodes } from '../support/cluster-nodes.js';
import { redisHarness } from '../support/redis-harness.js';
import { SentinelServers } from '../support/sentinel-servers.js';

describeWith('redis-server', 'conformance', () => {
  describeResultStore(redisHarness());
  describeResultStore(redisHarness({ topology: new SentinelServers() }));
  describeResultStore(redisHarness({ topology: new ClusterNodes() }));
});
