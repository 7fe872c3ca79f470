import type { Deadline, PublishOutcome } from '@lovage/core';
import type { RabbitStore } from '../rabbit-store.js';
import { type Dispatch, Publisher } from './publisher.js';

/** Publishes for a port that is no broker, on the connection that all share, as long as that port is open. */
export class MessageSender {
  private publisher: Publisher | undefined;

  constructor(private readonly store: RabbitStore) {}

  /** As `Broker.publish`, with headers of our own. */
  async send(dispatches: readonly Dispatch[], deadline: Deadline): Promise<readonly PublishOutcome[]> {
    this.publisher ??= new Publisher(this.store);
    return await this.publisher.dispatch(dispatches, deadline);
  }

  close(): void {
    this.publisher?.close();
    this.publisher = undefined;
  }
}
