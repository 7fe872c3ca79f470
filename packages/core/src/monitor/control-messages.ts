import type { Topology } from '../ports/topology.js';
import type { WireMessage } from '../message/wire-message.js';

/** Celery's mailbox: a fanout exchange for requests, and a direct one for replies. */
export const controlExchange = 'celery.pidbox';
export const replyExchange = 'reply.celery.pidbox';

/** Kombu's own: how long an abandoned mailbox stays (seconds), and a request in it (milliseconds). Both sides must say the same. */
const mailboxExpires = 10;
const requestTtlMs = 300_000;

/** Where the replies to a request go. */
export interface ReplyAddress {
  readonly exchange: string;
  readonly routingKey: string;
  readonly ticket: string;
}

/** What a worker is asked to do. */
export interface ControlRequest {
  readonly method: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** Node names; `undefined`: all. */
  readonly destination: readonly string[] | undefined;
  readonly pattern: string | undefined;
  readonly matcher: string | undefined;
  /** `undefined`: nobody waits for an answer. */
  readonly replyTo: ReplyAddress | undefined;
  /** The asker has done what is to be remembered; what runs is left to the worker. */
  readonly recorded: boolean;
}

const exchanges: Topology['exchanges'] = [
  { name: controlExchange, type: 'fanout', durable: false },
  { name: replyExchange, type: 'direct', durable: false },
];

const mailbox = (queue: string, exchange: string, routingKey: string): Topology => ({
  exchanges,
  queues: [
    {
      name: queue,
      durable: false,
      autoDelete: true,
      expires: mailboxExpires,
      arguments: { 'x-message-ttl': requestTtlMs },
    },
  ],
  bindings: [{ queue, exchange, routingKey }],
});

/** What every asker declares. */
export const controlTopology: Topology = { exchanges };

export const controlQueue = (hostname: string): string => `${hostname}.${controlExchange}`;
export const replyQueue = (askerId: string): string => `${askerId}.${replyExchange}`;

/** The mailbox of a worker. */
export const workerMailbox = (hostname: string): Topology =>
  mailbox(controlQueue(hostname), controlExchange, '');

/** The mailbox of an asker. */
export const askerMailbox = (askerId: string): Topology =>
  mailbox(replyQueue(askerId), replyExchange, askerId);

const json = 'application/json';
/** Kombu's transient. */
const transient = 1;
/** Celery counts its messages to order them; that of a process that does not take part says nothing. */
const clock = 1;

const messageOf = (body: unknown, headers: WireMessage['headers']): WireMessage => ({
  contentType: json,
  contentEncoding: 'utf-8',
  headers: { clock, ...headers },
  properties: { deliveryMode: transient, priority: 0 },
  body: JSON.stringify(body),
});

/** @param expiresMs when replies are of no use any more: milliseconds since 1970 UTC */
export function requestMessage(request: ControlRequest, expiresMs: number | undefined): WireMessage {
  const { method, args, destination, pattern, matcher, replyTo, recorded } = request;
  return messageOf(
    {
      method,
      arguments: args,
      destination: destination ?? null,
      pattern: pattern ?? null,
      matcher: matcher ?? null,
      ...(replyTo === undefined
        ? undefined
        : {
            ticket: replyTo.ticket,
            reply_to: { exchange: replyTo.exchange, routing_key: replyTo.routingKey },
          }),
    },
    {
      expires: expiresMs === undefined ? 0 : expiresMs / 1000,
      ...(recorded ? { lovage_recorded: true } : undefined),
    },
  );
}

export const replyMessage = (hostname: string, value: unknown, ticket: string): WireMessage =>
  messageOf({ [hostname]: value }, { ticket });

/** Longest request that is read: bytes. One with 10,000 ids has 400 kB. */
const longestBody = 4 * 1024 * 1024;

/** @returns `undefined` for what is no request */
export function readRequest(message: WireMessage): ControlRequest | undefined {
  const body = bodyOf(message);
  if (body === undefined || typeof body['method'] !== 'string') return undefined;
  const { destination, pattern, matcher, ticket } = body;
  const address = objectOf(body['reply_to']);
  const [exchange, routingKey] = [address?.['exchange'], address?.['routing_key']];
  return {
    method: body['method'],
    args: objectOf(body['arguments']) ?? {},
    destination: textsOf(destination),
    pattern: typeof pattern === 'string' ? pattern : undefined,
    matcher: typeof matcher === 'string' ? matcher : undefined,
    replyTo:
      typeof exchange === 'string' && typeof routingKey === 'string'
        ? { exchange, routingKey, ticket: typeof ticket === 'string' ? ticket : '' }
        : undefined,
    recorded: message.headers['lovage_recorded'] === true,
  };
}

/** A reply: of one node, by its name. */
export function readReply(
  message: WireMessage,
): { readonly ticket: unknown; readonly nodes: Readonly<Record<string, unknown>> } | undefined {
  const nodes = bodyOf(message);
  return nodes && { ticket: message.headers['ticket'], nodes };
}

function bodyOf({ contentType, body }: WireMessage): Record<string, unknown> | undefined {
  if (contentType !== json || body.length > longestBody) return undefined;
  try {
    return objectOf(JSON.parse(body.toString()));
  } catch {
    return undefined;
  }
}

const objectOf = (value: unknown): Record<string, unknown> | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;

/** An empty list means all, as in kombu. */
const textsOf = (value: unknown): readonly string[] | undefined =>
  Array.isArray(value) && value.length > 0
    ? value.filter((item): item is string => typeof item === 'string')
    : undefined;
