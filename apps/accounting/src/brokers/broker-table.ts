import type { StartBroker } from './broker-under-test.js';
import { startRabbit } from './rabbit-under-test.js';
import { startRedis } from './redis-under-test.js';

/** Brokers that can be put to the test, by name. A further driver is one line here and one file beside it. */
export const brokerTable: ReadonlyMap<string, StartBroker> = new Map([
  ['redis', startRedis],
  ['rabbitmq', startRabbit('classic')],
  ['rabbitmq-quorum', startRabbit('quorum')],
]);
