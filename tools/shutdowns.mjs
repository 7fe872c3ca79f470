// npm run shutdowns -- [--count 200] [--broker redis|rabbitmq] [--seed N]: ends so many workers at random moments by SIGTERM, and
// accounts for each task. The same test as in CI, where it ends 20.
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '200' },
    broker: { type: 'string', default: 'redis' },
    seed: { type: 'string', default: '1' },
  },
});
const names = { redis: 'workers on Redis', rabbitmq: 'workers on RabbitMQ' };
const name = Object.hasOwn(names, values.broker) ? names[values.broker] : undefined;
if (name === undefined || !/^[1-9]\d*$/.test(values.count) || !/^\d+$/.test(values.seed)) {
  console.error('usage: npm run shutdowns -- [--count 200] [--broker redis|rabbitmq] [--seed 1]');
  process.exit(2);
}
const { status } = spawnSync('npm', ['test', '--', 'packages/cli/test/worker/shutdowns', '-t', name], {
  stdio: 'inherit',
  env: { ...process.env, LOVAGE_SHUTDOWNS: values.count, LOVAGE_SEED: values.seed },
});
process.exit(status ?? 1);
