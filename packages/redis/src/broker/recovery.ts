import { Deadline, type Timer } from '@lovage/core';
import { stepOf } from '../keys.js';
import type { RedisStore } from '../redis-store.js';
import { abandonedScript, restoreScript } from '../scripts/recovery.js';
import { readEnvelope } from '../wire/envelope.js';
import { envelopeOfEntry, placeOfEntry, rewriteEnvelope } from '../wire/rewrite-envelope.js';
import { readBindings } from './bindings.js';

const mostPerSweep = 200;
const longestPauseMs = 5000;
const callMs = 10_000;

interface Abandoned {
  readonly owner: string;
  readonly tag: string;
  readonly score: string;
  readonly queue: string;
  /** Number of deliveries from which it does not count, as it had not begun; none: it counts in any case. */
  readonly suspectFrom: number;
  readonly entry: string;
}

/**
 * Gives back to their queues what the consumers of dead processes had in hand: Lovage's when their lease has run out, Python's
 * after the visibility timeout. Every process with consumers sweeps; what two find at once is restored by one.
 */
export class Recovery {
  private timer: Timer | undefined;
  private closed = false;
  private underWay: Promise<void> | undefined;

  constructor(private readonly store: RedisStore) {}

  /** Begins; twice is legal. */
  start(): void {
    if (this.timer !== undefined || this.closed) return;
    const { leaseMs } = this.store.settings;
    // Spread, so that many processes do not ask at the same moment.
    const pauseMs = Math.min(longestPauseMs, leaseMs / 5) * (0.75 + Math.random() / 2);
    this.timer = this.store.clock.after(pauseMs, () => {
      this.underWay = this.sweep()
        .catch((error: unknown) => this.store.warn(error))
        .finally(() => {
          this.timer = undefined;
          this.start();
        });
    });
  }

  /** Does nothing more. */
  destroy(): void {
    this.closed = true;
    this.timer?.cancel();
  }

  async close(deadline: Deadline): Promise<void> {
    this.destroy();
    if (this.underWay !== undefined) await deadline.within(this.underWay);
  }

  private async sweep(): Promise<void> {
    const { store } = this;
    // Entries that no queue can be found for stay where they are; those behind them must be reached all the same.
    let homeless = 0;
    // The same for Lovage's whose lists hold something else, and Python's.
    let pythonOnly = false;
    for (;;) {
      const deadline = Deadline.in(store.clock, callMs);
      const args = [mostPerSweep, store.settings.visibilityTimeoutMs, homeless, pythonOnly ? 1 : 0];
      const found = abandonedOf((await store.run(abandonedScript, deadline, args)) as readonly string[]);
      if (found.length === 0 || this.closed) return;
      const { restored, without } = await this.restore(found, deadline);
      homeless += without;
      if (restored + without > 0) continue;
      if (pythonOnly) return;
      pythonOnly = true;
    }
  }

  /** @returns how many were dealt with, and how many belong nowhere */
  private async restore(
    found: readonly Abandoned[],
    deadline: Deadline,
  ): Promise<{ readonly restored: number; readonly without: number }> {
    const { store } = this;
    const args: (string | number)[] = [];
    let count = 0;
    // Each becomes the next one of its queue: so the one that was delivered first comes last.
    const newestFirst = found.toReversed().toSorted((one, other) => Number(other.score) - Number(one.score));
    for (const abandoned of newestFirst) {
      const { owner, tag, score, entry } = abandoned;
      const lists = entry === '' ? [] : await this.listsOf(abandoned, deadline);
      if (lists === undefined) continue;
      args.push(owner, tag, score, lists.length / 2, ...lists);
      count += 1;
    }
    const without = found.length - count;
    if (count === 0) return { restored: 0, without };
    const answer = await store.run(restoreScript, deadline, [count, ...args]);
    const [restored, ...damaged] = answer as readonly [number, ...string[]];
    for (let at = 0; at < damaged.length; at += 2)
      store.warnForeign(damaged[at] ?? '', `a ${damaged[at + 1]}`, 'a list of messages');
    return { restored, without };
  }

  /** Lists and what is put into each; `undefined`: no queue is known for it. */
  private async listsOf(
    { entry, queue, suspectFrom }: Abandoned,
    deadline: Deadline,
  ): Promise<readonly string[] | undefined> {
    const { store } = this;
    const text = envelopeOfEntry(entry);
    const { envelope } = readEnvelope(text);
    if (envelope === undefined) return queue === '' ? undefined : [store.keys.list(queue, 0), text];
    const { message } = envelope;
    const [exchange, routingKey] = placeOfEntry(entry) ?? [envelope.exchange, envelope.routingKey];
    const queues = queue === '' ? await this.queuesOf(exchange, routingKey, deadline) : [queue];
    if (queues.length === 0) return undefined;
    const before = envelope.deliveries;
    const deliveries = before + 1 < suspectFrom ? before + 1 : before;
    return queues.flatMap((name) => [
      store.keys.list(name, stepOf(message.properties.priority)),
      rewriteEnvelope(text, { tag: store.newId(), deliveries }),
    ]);
  }

  private async queuesOf(
    exchange: string,
    routingKey: string,
    deadline: Deadline,
  ): Promise<readonly string[]> {
    if (exchange === '') return [routingKey];
    const exchanges = await readBindings(this.store, new Set([exchange]), deadline);
    return exchanges.get(exchange)?.takenFrom(routingKey) ?? [];
  }
}

function abandonedOf(answer: readonly string[]): readonly Abandoned[] {
  const found: Abandoned[] = [];
  for (let at = 0; at + 5 < answer.length; at += 6) {
    const [owner = '', tag = '', score = '', queue = '', from, entry = ''] = answer.slice(at, at + 6);
    found.push({ owner, tag, score, queue, suspectFrom: from === '' ? Infinity : Number(from), entry });
  }
  return found;
}
