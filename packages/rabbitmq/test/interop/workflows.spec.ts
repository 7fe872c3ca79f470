import { describeMixedWorkflows, type PythonStage } from '@lovage/conformance';
import { describeWith, RedisServer } from '@lovage/services';
import { PythonAndLovage } from '../support/python-and-lovage.js';

describeWith(
  ['rabbitmq-server', 'redis-server', 'celery'],
  'workflows of Python and Lovage workers on RabbitMQ, with results in Redis',
  () => {
    const stage = new PythonAndLovage();
    const redis = new RedisServer();
    const both: PythonStage = {
      callsPython: stage.callsPython,
      start: async () => {
        await Promise.all([stage.start(), redis.start()]);
      },
      close: async () => {
        await stage.close();
        await redis.close();
      },
      lovage: async (options, tasks) => await stage.lovage({ ...options, results: redis.url }, tasks),
      client: async () => await stage.client({ resultBackend: redis.url }),
      worker: async (settings) => await stage.worker({ ...settings, resultBackend: redis.url }),
    };
    describeMixedWorkflows(both);
  },
);
