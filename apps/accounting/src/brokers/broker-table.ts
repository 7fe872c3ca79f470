import type { StartBroker } from './broker-under-test.js';
import { startRabbit } from './rabbit-under-test.js';
import { startRedis } from './redis-under-test.js';

/** Brokers that can be put to the test, by name. A further driver is one line here and one file beside it. */
const brokerTable: ReadonlyMap<string, StartBroker> = new Map([
  ['redis', startRedis],
  ['rabbitmq', startRabbit('classic')],
  ['rabbitmq-quorum', startRabbit('quorum')],
]);

/** @throws Error that names those that there are */
export function brokerNamed(name: string): StartBroker {
  const start = brokerTable.get(name);
  if (start !== undefined) return start;
  throw new Error(
    `--broker: expected ${[...brokerTable.keys()].join(', ')}, got ${name}; further drivers: src/brokers`,
  );
}
