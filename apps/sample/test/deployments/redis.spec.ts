import { RedisServer } from '@lovage/services';
import { describeDeployments } from './describe-deployments.js';

const server = new RedisServer();
let places = 0;

describeDeployments({
  name: 'redis',
  program: 'redis-server',
  start: async () => await server.start(),
  fresh: async () => {
    places += 1;
    return `${server.url}?keyPrefix=${encodeURIComponent(`test${places}:`)}&lease=2s`;
  },
  close: async () => await server.close(),
});
