import type { Publication, PublishOutcome, WireMessage } from '@lovage/core';
import { type Keys, stepOf } from '../keys.js';
import { delayedEntry } from '../wire/delayed-entry.js';
import { writeEnvelope } from '../wire/envelope.js';
import { entryOf } from '../wire/rewrite-envelope.js';
import type { BoundExchange } from './bindings.js';

/** Messages for one place, see `sending` in scripts/parts.ts. */
interface Group {
  readonly kind: 'back' | 'stay' | 'later' | 'tell';
  readonly queue: string;
  readonly key: string;
  readonly check: boolean;
  count: number;
  readonly messages: string[];
  /** Those that may stay. */
  readonly staying: StayingMessage[];
  readonly sentIds: string[];
}

/** A message that may stay with the consumer whose settlement it follows. */
export interface StayingMessage {
  readonly queue: string;
  readonly tag: string;
  /** The envelope. */
  readonly text: string;
  readonly message: WireMessage;
}

export interface GroupingContext {
  readonly keys: Keys;
  readonly newId: () => string;
  /** Milliseconds since 1970 UTC. */
  readonly now: number;
  readonly exchanges: ReadonlyMap<string, BoundExchange>;
  /** Queues whose messages do not wait in Lovage's time index. */
  readonly pythonQueues: ReadonlySet<string>;
  /** Number of the database: stands in the names of kombu's channels. */
  readonly db: number;
  /** Queues whose messages may stay with the consumer that settles. */
  readonly stayIn?: ReadonlySet<string> | undefined;
}

const accepted: PublishOutcome = { kind: 'accepted' };
const unroutable: PublishOutcome = { kind: 'unroutable' };

/** Publications sorted by the place where they go, so that each place is touched once. */
export class PublicationGroups {
  private readonly groups: Group[] = [];
  private readonly byPlace = new Map<string, number>();
  /** Of each publication its groups; most have one. */
  private readonly places: (number | readonly number[])[] = [];
  private sentTtlMs: number | undefined;
  /** Messages that may stay with the consumer that settles. */
  mayStay = 0;

  constructor(
    publications: readonly Publication[],
    private readonly context: GroupingContext,
  ) {
    for (const publication of publications) this.places.push(this.place(publication));
  }

  /** Milliseconds for which sent ids are kept; `''`: for ever, or there are none. */
  get sentTtl(): number | '' {
    return this.sentTtlMs ?? '';
  }

  /** Adds number of groups and groups to the arguments of a script. */
  writeTo(args: (string | number)[]): void {
    args.push(this.groups.length);
    for (const { kind, queue, key, check, count, messages, sentIds } of this.groups) {
      args.push(kind, queue, key, check ? '1' : '0', count);
      for (const message of messages) args.push(message);
      args.push(sentIds.length);
      for (const id of sentIds) args.push(id);
    }
  }

  /** Outcomes of the publications, in order. @param routed of each group whether it found its place */
  outcomes(routed: readonly number[]): readonly PublishOutcome[] {
    return this.places.map((place) => {
      const found =
        typeof place === 'number' ? isRouted(routed[place]) : place.some((one) => isRouted(routed[one]));
      return found ? accepted : unroutable;
    });
  }

  /** Those that stay. @param routed as for `outcomes` */
  stayed(routed: readonly number[]): readonly StayingMessage[] {
    return this.groups.flatMap(({ staying }, index) => (routed[index] === 2 ? staying : []));
  }

  private place(publication: Publication): number | readonly number[] {
    const { exchange, routingKey } = publication;
    if (exchange === '') return this.toQueue(publication, routingKey, true);
    const bound = this.context.exchanges.get(exchange);
    const places = (bound?.queuesFor(routingKey) ?? []).map((queue) =>
      this.toQueue(publication, queue, false),
    );
    // Python's consumers of a fanout exchange have no list: they listen.
    if (bound?.type === 'fanout') places.push(this.toListeners(publication));
    return places;
  }

  private toQueue(
    { message, exchange, routingKey, notBefore, sent }: Publication,
    queue: string,
    check: boolean,
  ): number {
    const { keys, newId, now, pythonQueues, stayIn } = this.context;
    const tag = newId();
    const envelope = writeEnvelope(message, { tag, exchange, routingKey });
    const step = stepOf(message.properties.priority);
    const later = notBefore !== undefined && notBefore > now && !pythonQueues.has(queue);
    const stays = !later && exchange === '' && stayIn?.has(queue) === true;
    const kind = later ? 'later' : stays ? 'stay' : 'back';
    const number = this.groupOf(kind, queue, later ? keys.delayed(queue) : keys.list(queue, step), check);
    const group = this.groups[number] as Group;
    if (later) group.messages.push(String(notBefore), delayedEntry(step, envelope, message.headers['id']));
    else group.messages.push(stays ? entryOf(envelope, queue) : envelope);
    if (stays) {
      group.staying.push({ queue, tag, text: envelope, message });
      this.mayStay += 1;
    }
    group.count += 1;
    if (sent !== undefined) {
      group.sentIds.push(sent.taskId);
      this.sentTtlMs ??= sent.ttlMs;
    }
    return number;
  }

  private toListeners({ message, exchange, routingKey }: Publication): number {
    const { keys, newId, db } = this.context;
    const number = this.groupOf('tell', '', keys.fanoutChannel(db, exchange, routingKey), false);
    const group = this.groups[number] as Group;
    group.messages.push(writeEnvelope(message, { tag: newId(), exchange, routingKey, stored: true }));
    group.count += 1;
    return number;
  }

  private groupOf(kind: Group['kind'], queue: string, key: string, check: boolean): number {
    const place = `${kind} ${key}`;
    const present = this.byPlace.get(place);
    if (present !== undefined) return present;
    const number =
      this.groups.push({ kind, queue, key, check, count: 0, messages: [], staying: [], sentIds: [] }) - 1;
    this.byPlace.set(place, number);
    return number;
  }
}

const isRouted = (answer = 0): boolean => answer > 0;

/** Exchanges that must be read before their publications can be sorted. */
export function namedExchanges(publications: readonly Publication[]): ReadonlySet<string> {
  let names: Set<string> | undefined;
  for (const { exchange } of publications) {
    if (exchange !== '') (names ??= new Set()).add(exchange);
  }
  return names ?? none;
}

const none: ReadonlySet<string> = new Set();
