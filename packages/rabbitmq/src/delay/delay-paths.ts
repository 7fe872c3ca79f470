import type { Channel } from 'amqplib';
import type { Deadline } from '@lovage/core';
import { answerOf, failureKind } from '../connection/amqp-failure.js';
import type { AmqpLink } from '../connection/amqp-link.js';
import { topologyFailure } from '../topology/topology-failure.js';
import { doneMark, dueToken } from './delay-route.js';
import { type DelayQueueType, type DelayTopology, delayTopology, dueTopology } from './delay-topology.js';

/** Where messages go when they are due. */
export interface Place {
  readonly exchange: string;
  readonly routingKey: string;
}

/** Places that are remembered as declared. */
const mostPlaces = 10_000;

/** Declares what delayed messages need, once for each connection. */
export class DelayPaths {
  private levels: Promise<void> | undefined;
  private readonly places = new Set<string>();
  private distrusted = false;

  /** @param wanted type of the queues; where Celery has declared them with the other one, that one is taken */
  constructor(private readonly wanted: DelayQueueType) {}

  /** The connection was lost: whoever has restarted the broker may have removed something. */
  forget(): void {
    this.levels = undefined;
    this.places.clear();
  }

  /** A message found no way, although there should be one: everything is declared anew. */
  distrust(): void {
    this.distrusted = true;
    this.forget();
  }

  /** Makes sure that there is a way to a place; gives its token. */
  async prepare(link: AmqpLink, place: Place, deadline: Deadline): Promise<string> {
    const token = dueToken(place.exchange, place.routingKey);
    if (this.places.has(token)) return token;
    await this.prepareLevels(link, deadline);
    await this.ofEitherType(
      async (type) =>
        await link.call(
          'declare',
          deadline,
          async (channel) => await declare(channel, link.address, dueTopology(token, place, type)),
        ),
    );
    if (this.places.size >= mostPlaces) this.places.clear();
    this.places.add(token);
    return token;
  }

  /** Makes sure that there are levels, for the messages to come. The first in a virtual host takes a second or two. */
  async prepareLevels(link: AmqpLink, deadline: Deadline): Promise<void> {
    for (;;) {
      const isOwn = this.levels === undefined;
      const levels = (this.levels ??= this.begun(link, deadline));
      try {
        await deadline.race(levels, () => link.unreachable('declare', 'no answer'));
        return;
      } catch (error) {
        // That of another may have had less time.
        if (isOwn || deadline.passed) throw error;
      }
    }
  }

  private begun(link: AmqpLink, deadline: Deadline): Promise<void> {
    const levels = this.makeLevels(link, deadline);
    levels.catch(() => {
      if (this.levels === levels) this.levels = undefined;
    });
    return levels;
  }

  private async makeLevels(link: AmqpLink, deadline: Deadline): Promise<void> {
    if (!this.distrusted && (await areThere(link, deadline))) return;
    await this.declareLevels(link, deadline);
    this.distrusted = false;
  }

  private async declareLevels(link: AmqpLink, deadline: Deadline): Promise<void> {
    await this.ofEitherType(
      async (type) =>
        await link.call('declare', deadline, async (channel) => {
          await declare(channel, link.address, delayTopology(type));
          await channel.assertExchange(doneMark, 'topic', { durable: true });
        }),
    );
  }

  /** Celery, or a process with another `delayQueueType`, may have declared them before. */
  private async ofEitherType(attempt: (type: DelayQueueType) => Promise<void>): Promise<void> {
    try {
      await attempt(this.wanted);
    } catch (error) {
      if (!(error instanceof OtherType)) throw error;
      await attempt(this.wanted === 'quorum' ? 'classic' : 'quorum');
    }
  }
}

/** Which of the two arguments that differ between the types the server names first is its own business. */
const ofOtherType = /'x-(queue-type|dead-letter-strategy)'/;

/** The queues exist, with the other type. */
class OtherType extends Error {
  override readonly name = 'OtherType';
  /** For the link: an answer of the server, not a lost connection. */
  readonly code = 406;
}

/** What is declared last tells that all of it is there. */
async function areThere(link: AmqpLink, deadline: Deadline): Promise<boolean> {
  try {
    await link.call('declare', deadline, async (channel) => await channel.checkExchange(doneMark));
    return true;
  } catch (error) {
    if (failureKind(error) === 'missing') return false;
    throw topologyFailure(link.address, { kind: 'exchange', exchange: doneMark }, error);
  }
}

async function declare(
  channel: Channel,
  address: string,
  { exchanges, queues, bindings }: DelayTopology,
): Promise<void> {
  const failed = (name: string) => (error: unknown) => {
    if (failureKind(error) === 'conflict' && ofOtherType.test(answerOf(error))) throw new OtherType();
    throw topologyFailure(address, { kind: 'queue', queue: name }, error);
  };
  // The client library sends one after the other, and waits for each answer.
  for (const name of exchanges)
    await channel.assertExchange(name, 'topic', { durable: true }).catch(failed(name));
  for (const { name, arguments: args } of queues) {
    await channel.assertQueue(name, { durable: true, arguments: args }).catch(failed(name));
  }
  for (const { kind, destination, source, pattern } of bindings) {
    const bound =
      kind === 'queue'
        ? channel.bindQueue(destination, source, pattern)
        : channel.bindExchange(destination, source, pattern);
    await bound.catch(failed(destination));
  }
}
