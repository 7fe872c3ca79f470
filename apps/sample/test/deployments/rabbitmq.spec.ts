import { RabbitServer } from '@lovage/services';
import { describeDeployments } from './describe-deployments.js';

const server = new RabbitServer();

describeDeployments({
  name: 'rabbitmq',
  program: 'rabbitmq-server',
  start: async () => await server.start(),
  fresh: async () => (await server.createVhost()).url,
  close: async () => await server.close(),
});
