import { connect } from 'amqplib';
import { ensureInstalled, RabbitServer, RedisServer } from '@lovage/services';
import type { KeptResult, Place, PlacedMessage } from '../check/run-record.js';
import { idPattern, queueName } from '../run/task-plan.js';
import type { BrokerOptions, BrokerUnderTest, StartBroker } from './broker-under-test.js';
import { redisOpenChords, redisResults } from './redis-results.js';

const vhost = 'accounting';
/** See docs/rabbitmq.md. */
const parked = `${queueName}.parked`;
/** Queues in which messages wait for their time: Celery's, and our own for fractions of a second. */
const delayed = /^(celery_delayed_|lovage_delayed_|lovage\.due)/;

/** A rabbitmq-server with results in a redis-server, which is never touched. */
export function startRabbit(queueType: 'classic' | 'quorum'): StartBroker {
  return async (_options: BrokerOptions) => {
    ensureInstalled('rabbitmq-server');
    ensureInstalled('redis-server');
    const server = new RabbitServer({ schedulers: 2 });
    const results = new RedisServer();
    await Promise.all([server.start(), results.start()]);
    const { url } = await server.createVhost(vhost);
    const version = String(await server.evaluate('list_to_binary(rabbit_misc:version()).'));
    return new RabbitUnderTest(server, results, `${url}?queueType=${queueType}`, `RabbitMQ ${version}`);
  };
}

class RabbitUnderTest implements BrokerUnderTest {
  /** The server notices at once that a process has died. One that stands still it leaves its work for two heartbeats. */
  readonly sweepMs = 0;
  readonly cutTakesWork = true;
  readonly sendsAgain = true;

  constructor(
    private readonly server: RabbitServer,
    private readonly resultServer: RedisServer,
    readonly url: string,
    readonly version: string,
  ) {}

  get resultsUrl(): string {
    return this.resultServer.url;
  }

  async cutClients(): Promise<void> {
    await this.server.closeConnections('accounting closes all connections');
  }

  async restart(how: 'stop' | 'kill'): Promise<void> {
    await (how === 'stop' ? this.server.stop() : this.server.kill());
    await this.server.start();
  }

  async counts(): Promise<Readonly<Record<Place, number>>> {
    const counts = { ready: 0, delayed: 0, unsettled: 0, parked: 0 };
    for (const { name, messages, ready, unacknowledged } of await this.server.queues(vhost)) {
      if (name === queueName) {
        counts.ready += ready;
        counts.unsettled += unacknowledged;
      } else if (name === parked) counts.parked += messages;
      else if (delayed.test(name)) counts.delayed += messages;
    }
    return counts;
  }

  /** Takes all messages and gives them back: when the run is over, nobody else wants them. */
  async messages(): Promise<readonly PlacedMessage[]> {
    const found: PlacedMessage[] = [];
    const connection = await connect(this.server.urlOf(vhost));
    connection.on('error', () => undefined);
    try {
      const channel = await connection.createChannel();
      for (const { name, messages } of await this.server.queues(vhost)) {
        const place = placeOf(name);
        if (place === undefined || messages === 0) continue;
        for (let message = await channel.get(name); message !== false; message = await channel.get(name)) {
          const { correlationId } = message.properties as { readonly correlationId?: unknown };
          found.push({ id: idPattern.exec(String(correlationId))?.[0] ?? 'without an id', place });
        }
      }
    } finally {
      await connection.close();
    }
    return found;
  }

  async results(ids?: readonly string[]): Promise<readonly KeptResult[]> {
    return await redisResults(this.resultServer, ids);
  }

  async openChords(): Promise<number> {
    return await redisOpenChords(this.resultServer);
  }

  async close(): Promise<void> {
    await Promise.all([this.server.close(), this.resultServer.close()]);
  }
}

function placeOf(queue: string): Place | undefined {
  if (queue === queueName) return 'ready';
  if (queue === parked) return 'parked';
  return delayed.test(queue) ? 'delayed' : undefined;
}
