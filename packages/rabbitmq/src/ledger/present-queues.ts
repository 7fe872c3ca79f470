import { Coalescer, Deadline } from '@lovage/core';
import { failureKind, refusal } from '../connection/amqp-failure.js';
import type { RabbitStore } from '../rabbit-store.js';

const lookMs = 10_000;

/** Looks whether queues are there, each time anew: those that are asked for in one turn share a channel. */
export class PresentQueues {
  private readonly asked: Coalescer<string, boolean>;

  constructor(private readonly store: RabbitStore) {
    this.asked = new Coalescer({ clock: store.clock, flush: async (names) => await this.look(names) });
  }

  /** @throws LOVAGE_STORE_UNREACHABLE, LOVAGE_STORE_REFUSED */
  async has(queue: string, deadline: Deadline): Promise<boolean> {
    return await deadline.race(this.asked.add(queue), () =>
      this.store.publishing.unreachable('publish', 'no answer'),
    );
  }

  private async look(names: readonly string[]): Promise<readonly boolean[]> {
    const { publishing, clock } = this.store;
    const deadline = Deadline.in(clock, lookMs);
    const found = new Map<string, boolean>();
    const left = new Set(names);
    while (left.size > 0) {
      let asked = '';
      try {
        await publishing.call('publish', deadline, async (channel) => {
          for (asked of left) {
            await channel.checkQueue(asked);
            found.set(asked, true);
            left.delete(asked);
          }
        });
      } catch (error) {
        const kind = failureKind(error);
        if (kind === 'refused') throw refusal(this.store.address, 'publish', error);
        // One that is in use by one connection only is there.
        if (kind !== 'missing' && kind !== 'conflict') throw error;
        // The server has closed the channel; the others are asked for on a new one.
        found.set(asked, kind === 'conflict');
        left.delete(asked);
      }
    }
    return names.map((name) => found.get(name) === true);
  }
}
