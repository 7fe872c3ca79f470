import type { Clock } from '../clock/clock.js';
import { LedgerWatches } from '../drivers/ledger-watches.js';
import { WrittenTask } from '../message/written-task.js';
import type { Publication, PublishOutcome } from '../ports/publication.js';
import { ChordTable } from './chord-table.js';
import { DelayedMessages } from './delayed-messages.js';
import { DeliveryRounds } from './delivery-rounds.js';
import { ExchangeTable } from './exchange-table.js';
import { LeaseTable } from './lease-table.js';
import { MemoryDelivery } from './memory-delivery.js';
import type { MemoryQueue } from './memory-queue.js';
import { RecordTable } from './record-table.js';
import { type ResultSlot, ResultTable } from './result-table.js';
import { RevocationTable } from './revocation-table.js';
import { TickTable } from './tick-table.js';
import { TokenBuckets } from './token-buckets.js';

const accepted: PublishOutcome = { kind: 'accepted' };
const unroutable: PublishOutcome = { kind: 'unroutable' };

/**
 * Everything that one store holds. All ports of it work on the same tables in the same thread, so that each of their calls
 * is one step: nothing else happens between its first change and its last.
 */
export class MemoryStore {
  readonly exchanges = new ExchangeTable();
  readonly rounds: DeliveryRounds;
  readonly delayed: DelayedMessages;
  readonly results: ResultTable;
  readonly chords: ChordTable;
  readonly leases: LeaseTable;
  readonly ticks: TickTable;
  readonly tokens: TokenBuckets;
  readonly revocations: RevocationTable;
  readonly records = new RecordTable();
  readonly ledgerWatches: LedgerWatches;

  constructor(readonly clock: Clock) {
    this.rounds = new DeliveryRounds(clock, () => this.delayed.release());
    this.delayed = new DelayedMessages(clock, () => this.rounds.request());
    this.results = new ResultTable(clock);
    this.chords = new ChordTable(clock);
    this.leases = new LeaseTable(clock);
    this.ticks = new TickTable(clock);
    this.tokens = new TokenBuckets(clock);
    this.revocations = new RevocationTable(clock);
    this.ledgerWatches = new LedgerWatches(clock);
  }

  /** Takes a message in. Consumers get it at the end of the turn; the caller tells the result watches. */
  accept(publication: Publication, nowMs: number): PublishOutcome {
    const { exchange, routingKey, sent } = publication;
    if (exchange === '') {
      const queue = this.exchanges.find(routingKey);
      if (queue === undefined) return unroutable;
      this.enqueue(publication, queue, sent && this.results.putSent(sent, nowMs));
      return accepted;
    }
    const queues = this.exchanges.route(exchange, routingKey, publication.message.headers);
    if (queues.length === 0) return unroutable;
    const slot = sent && this.results.putSent(sent, nowMs);
    for (const queue of queues) this.enqueue(publication, queue, slot);
    return accepted;
  }

  close(): void {
    this.delayed.close();
    this.results.close();
    this.chords.close();
    this.leases.close();
    this.ticks.close();
    this.tokens.close();
    this.revocations.close();
  }

  private enqueue(
    { message, exchange, routingKey, notBefore }: Publication,
    queue: MemoryQueue,
    sent: ResultSlot | undefined,
  ): void {
    // Messages are values and are not copied. A publisher or consumer that tries to change one all the same fails at
    // once, in place of changing what others get. The body is left out: freezing has no effect on the bytes of a Buffer.
    // A message that is not written yet freezes its headers when it is.
    if (!(message instanceof WrittenTask)) Object.freeze(message.headers);
    Object.freeze(message.properties);
    const delivery = new MemoryDelivery(message, exchange, routingKey, queue, 1, false, sent);
    if (notBefore !== undefined && notBefore > this.clock.wallNow()) {
      this.delayed.add(delivery, notBefore);
    } else {
      queue.pushBack(delivery);
      this.rounds.request();
    }
  }
}
