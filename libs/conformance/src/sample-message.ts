import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import {
  type Delivery,
  type Encoded,
  encodedBytes,
  type Publication,
  type StoredResult,
  type WallMs,
  type WireMessage,
} from '@lovage/core';

/** A message as the encoder makes them, with some parts of the caller's. */
export function sampleMessage(
  parts: Partial<WireMessage> & { readonly id?: string; readonly priority?: number } = {},
): WireMessage {
  const { id = randomUUID(), priority, ...rest } = parts;
  return {
    contentType: 'application/json',
    contentEncoding: 'utf-8',
    headers: {
      lang: 'js',
      task: 'conformance.sample',
      id,
      root_id: id,
      parent_id: null,
      retries: 0,
      timelimit: [null, null],
    },
    properties: { correlationId: id, deliveryMode: 2, ...(priority === undefined ? {} : { priority }) },
    body: `[["${id}"],{},{"callbacks":null,"errbacks":null,"chain":null,"chord":null}]`,
    ...rest,
  };
}

/** The same message, whose body is made when it is read, as core's may be. */
export class LazyMessage implements WireMessage {
  readonly contentType: string;
  readonly contentEncoding: string;
  readonly headers: WireMessage['headers'];
  readonly properties: WireMessage['properties'];

  constructor(private readonly whole: WireMessage) {
    this.contentType = whole.contentType;
    this.contentEncoding = whole.contentEncoding;
    this.headers = whole.headers;
    this.properties = whole.properties;
  }

  get body(): Encoded {
    return this.whole.body;
  }
}

/** The same record, whose document is made when it is read, as core's may be. */
export class LazyRecord implements StoredResult {
  readonly taskId: string;
  readonly state: string;
  readonly ttlMs: number | undefined;

  constructor(private readonly whole: StoredResult) {
    this.taskId = whole.taskId;
    this.state = whole.state;
    this.ttlMs = whole.ttlMs;
  }

  get document(): Encoded {
    return this.whole.document;
  }
}

/** A message on its way to a queue through the default exchange. */
export function toQueue(
  queue: string,
  parts: {
    readonly id?: string;
    readonly priority?: number;
    readonly notBefore?: number;
    readonly message?: WireMessage;
  } = {},
): Publication {
  const { notBefore, message, ...identity } = parts;
  return {
    message: message ?? sampleMessage(identity),
    exchange: '',
    routingKey: queue,
    notBefore: notBefore as WallMs | undefined,
  };
}

/** Messages on their way to a queue, with ids that tell their place: `0`, `1`, … */
export const numbered = (queue: string, count: number, from = 0): readonly Publication[] =>
  Array.from({ length: count }, (_, index) => toQueue(queue, { id: String(from + index) }));

export const idOf = ({ message }: { readonly message: WireMessage }): string => String(message.headers['id']);

export const idsOf = (deliveries: readonly Delivery[]): readonly string[] => deliveries.map(idOf);

/** A record as a worker stores it. */
export function record(taskId: string, state: string, value: unknown = null, ttlMs?: number): StoredResult {
  const document = JSON.stringify({ task_id: taskId, status: state, result: value });
  return { taskId, state, document, ...(ttlMs === undefined ? {} : { ttlMs }) };
}

/** Checks that a store gave back what it was given; it may add fields of its own and leave `ttlMs` out. */
export function assertRecord(actual: StoredResult | undefined, expected: StoredResult): void {
  assert.ok(
    actual !== undefined,
    `nothing is stored for ${expected.taskId}, expected state ${expected.state}`,
  );
  assert.equal(actual.taskId, expected.taskId);
  assert.equal(actual.state, expected.state);
  assertSameContent(actual.document, expected.document, 'the document');
}

/** Checks that content came through unchanged; a driver may turn text into bytes, and bytes that are text into text. */
function assertSameContent(actual: Encoded, expected: Encoded, what: string): void {
  assert.ok(typeof actual === 'string' || Buffer.isBuffer(actual), `${what} is neither bytes nor text`);
  const [came, sent] = [encodedBytes(actual), encodedBytes(expected)];
  assert.ok(came.equals(sent), `${what} changed: ${came.length} bytes, sent ${sent.length}`);
}

/** Checks that a message came through unchanged. */
export function assertSameMessage(actual: WireMessage, expected: WireMessage): void {
  assert.equal(actual.contentType, expected.contentType);
  assert.equal(actual.contentEncoding, expected.contentEncoding);
  assertSameContent(actual.body, expected.body, 'the body');
  // Only values count: a reader may use objects without a prototype, and any order of keys.
  assert.deepEqual(plain(actual.headers), plain(expected.headers));
  // "No priority" and 0 are the same thing, and some technologies know only the latter.
  assert.deepEqual(
    { ...plain(actual.properties), priority: actual.properties.priority ?? 0 },
    { ...plain(expected.properties), priority: expected.properties.priority ?? 0 },
  );
}

const plain = (value: object): Record<string, unknown> =>
  JSON.parse(JSON.stringify(value)) as Record<string, unknown>;
