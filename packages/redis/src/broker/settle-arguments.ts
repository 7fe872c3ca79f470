import type { Settlement, SettleVerb } from '@lovage/core';
import { stepOf } from '../keys.js';
import type { LuaArgument } from '../scripts/lua-script.js';
import { delayedEntry } from '../wire/delayed-entry.js';
import { showsState } from '../wire/document-state.js';
import { addPart, addResult, rankOf, timeToLive } from '../wire/result-arguments.js';
import { rewriteEnvelope } from '../wire/rewrite-envelope.js';
import { type GroupingContext, PublicationGroups } from './publication-groups.js';
import type { DeliveryHolder, RedisDelivery } from './redis-delivery.js';
import { settleHead, settlePlaces } from './settle-head.js';

/** Arguments of the settle script, and what is needed to read its answer. */
export class SettleArguments {
  readonly args: LuaArgument[];
  /** Parts of chords come back as the bytes that they are. */
  hasJoins = false;
  /** Messages that may stay with the host. */
  mayStay = 0;
  private readonly context: GroupingContext;
  private readonly published: (PublicationGroups | undefined)[] = [];
  /** Settlements that need the long form. */
  private longOnes = 0;
  /** Settlements. */
  readonly count: number;
  /** Time to live of all results of the short form. */
  private readonly resultTtl: number | '';

  constructor(
    settlements: readonly Settlement[],
    token: string,
    context: GroupingContext,
    consumer?: DeliveryHolder,
  ) {
    const host = consumer?.host;
    this.context = host === undefined ? context : { ...context, stayIn: new Set(consumer?.queues) };
    this.count = settlements.length;
    this.resultTtl = timeToLive(settlements.find(({ results }) => results.length > 0)?.results[0]?.ttlMs);
    const deliveries = settlements.map(({ delivery }) => delivery as RedisDelivery);
    this.args = settleHead({ token, deliveries, longOnes: 0, resultTtl: this.resultTtl });
    const long = this.args.length - 1;
    for (const settlement of settlements) this.add(settlement);
    this.args[long] = this.longOnes;
    if (host === undefined || this.mayStay === 0) return;
    this.args[settlePlaces.host] = host.owner;
    this.args[settlePlaces.room] = host.room;
  }

  /** The publications of a settlement, sorted; `undefined` where it has none. */
  groupsOf(index: number): PublicationGroups | undefined {
    return this.published[index];
  }

  private add(settlement: Settlement): void {
    const { args } = this;
    const { delivery, verb, results, publishes, joins, closes = none } = settlement;
    const own = delivery as RedisDelivery;
    args.push(own.tag);
    if (this.addShort(settlement)) {
      this.published.push(undefined);
      return;
    }
    this.longOnes += 1;
    args.push('long', results.length);
    for (const result of results) addResult(args, result);
    args.push(joins.length);
    for (const part of joins) addPart(args, part);
    if (joins.length > 0) this.hasJoins = true;
    this.addVerb(own, verb);
    if (publishes.length === 0) {
      args.push(0);
      this.published.push(undefined);
    } else {
      const groups = new PublicationGroups(publishes, this.contextOf(own.queue));
      groups.writeTo(args as (string | number)[]);
      args[settlePlaces.sentTtl] = groups.sentTtl;
      this.mayStay += groups.mayStay;
      this.published.push(groups);
    }
    args.push(closes.length, ...closes);
  }

  /** What nearly all settlements are: done, with one result. */
  private addShort({ verb, results, publishes, joins, closes }: Settlement): boolean {
    const [result] = results;
    if (verb.kind !== 'ack' || result === undefined || results.length > 1) return false;
    if (publishes.length > 0 || joins.length > 0 || closes !== undefined) return false;
    if (timeToLive(result.ttlMs) !== this.resultTtl) return false;
    const { document } = result;
    if (!showsState(document, result.state)) return false;
    this.args.push(rankOf(result.state), result.taskId, document);
    return true;
  }

  /** What goes back to the queue that it came from can wait in the index: we serve it. In a list it would come back at once. */
  private contextOf(queue: string): GroupingContext {
    const { context } = this;
    if (!context.pythonQueues.has(queue)) return context;
    return {
      ...context,
      pythonQueues: new Set([...context.pythonQueues].filter((name) => name !== queue)),
    };
  }

  private addVerb(delivery: RedisDelivery, verb: SettleVerb): void {
    const { args } = this;
    const { now } = this.context;
    const { queue, text, message, deliveries } = delivery;
    switch (verb.kind) {
      case 'ack':
        args.push('ack');
        break;
      case 'release':
        args.push('next', this.listOf(delivery), this.again(delivery, deliveries - 1));
        break;
      case 'requeue': {
        const again = this.again(delivery, deliveries);
        if (verb.delayMs === undefined || verb.delayMs <= 0) args.push('back', this.listOf(delivery), again);
        else {
          const step = stepOf(message.properties.priority);
          args.push('later', queue, now + verb.delayMs, delayedEntry(step, again, message.headers['id']));
        }
        break;
      }
      case 'park':
        args.push('park', queue, parkedRecord(text, deliveries, now, verb.reason));
        break;
    }
  }

  private listOf({ queue, message }: RedisDelivery): string {
    return this.context.keys.list(queue, stepOf(message.properties.priority));
  }

  private again({ text }: RedisDelivery, deliveries: number): string {
    return rewriteEnvelope(text, { tag: this.context.newId(), deliveries });
  }
}

const none: readonly string[] = [];

/** A message out of its queue, as operators see it. */
export function parkedRecord(
  envelope: string,
  deliveries: number,
  at: number,
  { code, text }: { readonly code: string; readonly text: string },
): string {
  return JSON.stringify({ code, text, at, deliveries, envelope });
}
