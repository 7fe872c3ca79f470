// npm run bench -- rabbitmq: Lovage on RabbitMQ beside amqplib alone, Nest's own transport, Python Celery and celery-node. See docs/benchmarks.md.
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { RabbitServer, RedisServer } from '@lovage/services';
import { printGoals } from './measure/report.js';
import { compareDrain, compareRoundTrips, compareSend, type RabbitStage } from './rabbitmq/sections.js';

const sections: Readonly<Record<string, (stage: RabbitStage) => Promise<void>>> = {
  send: compareSend,
  drain: compareDrain,
  'round-trip': compareRoundTrips,
};

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: Object.keys(sections).join(',') },
    contenders: { type: 'string', default: '' },
  },
});
const wanted = values.only.split(',');
for (const name of wanted) {
  if (!Object.hasOwn(sections, name))
    throw new Error(`no section "${name}"; there are ${Object.keys(sections).join(', ')}`);
}
await using rabbit = new RabbitServer({ schedulers: 2 });
await using redis = new RedisServer();
await Promise.all([rabbit.start(), redis.start()]);
const load = (): string =>
  loadavg()
    .map((one) => one.toFixed(2))
    .join(' ');
const [processor] = cpus();
console.log(`node ${process.version}, ${cpus().length} × ${processor?.model.trim() ?? '?'}, load ${load()}`);
const stage = {
  rabbit,
  redis,
  rounds: values.quick ? 1 : Number(values.rounds),
  divisor: values.quick ? 10 : 1,
  contenders: values.contenders.split(','),
};
for (const name of wanted) await sections[name]?.(stage);
console.log(`\nload at the end: ${load()}; on a busy machine only processor times and ratios mean something`);
printGoals();
