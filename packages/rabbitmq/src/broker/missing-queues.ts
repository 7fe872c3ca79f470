import { type Deadline, isLovageError, STORE_UNREACHABLE } from '@lovage/core';
import type { AmqpLink } from '../connection/amqp-link.js';
import type { RabbitStore } from '../rabbit-store.js';
import { type Declarations, isThere } from '../topology/declarations.js';

export interface MissingQueuesParts {
  readonly store: RabbitStore;
  readonly link: AmqpLink;
  readonly declarations: Declarations;
}

/** Queues of a consumer that may be gone: deleted under it, or with its connection. */
export class MissingQueues {
  private readonly names = new Set<string>();
  /** Those that can not be declared again, of which somebody was told. */
  private readonly blamed = new Set<string>();

  constructor(private readonly parts: MissingQueuesParts) {}

  get some(): boolean {
    return this.names.size > 0;
  }

  has(queue: string): boolean {
    return this.names.has(queue);
  }

  add(queue: string): void {
    this.names.add(queue);
  }

  /**
   * Declares them again, with what leads to them. One that can not be declared, since somebody has made it anew in another way or the user no longer
   * may, holds up no other: it is told of once, consumed as it is, and missing still where it is not there.
   *
   * @param strict the first refusal is thrown, rather than told
   * @throws LOVAGE_STORE_UNREACHABLE
   */
  async restore(deadline: Deadline, strict: boolean): Promise<void> {
    if (this.names.size === 0) return;
    const missing = [...this.names];
    // What is deleted from now on is missing once more.
    this.names.clear();
    try {
      await this.declare(missing, deadline);
    } catch (error) {
      for (const queue of missing) this.names.add(queue);
      if (strict || !isRefusal(error)) throw error;
      for (const queue of missing) await this.restoreAlone(queue, deadline);
    }
  }

  private async restoreAlone(queue: string, deadline: Deadline): Promise<void> {
    const { store, link } = this.parts;
    this.names.delete(queue);
    try {
      await this.declare([queue], deadline);
    } catch (error) {
      const isThereStill = isRefusal(error) && (await isThere(link, queue, deadline).catch(() => false));
      if (!isThereStill) this.names.add(queue);
      if (!isRefusal(error)) throw error;
      if (!this.blamed.has(queue)) store.warn(error);
      this.blamed.add(queue);
    }
  }

  private async declare(queues: readonly string[], deadline: Deadline): Promise<void> {
    const { declarations, link } = this.parts;
    await declarations.declareAgain(link, queues, deadline);
    for (const queue of queues) this.blamed.delete(queue);
  }
}

/** An answer of the server, as against a connection that was lost. */
const isRefusal = (error: unknown): boolean => isLovageError(error) && !STORE_UNREACHABLE.is(error);
