import { readFileSync } from 'node:fs';
import type { WireMessage } from '../../../src/message/wire-message.js';

/** A task message as Celery published it, and the call that it stands for; see fixtures/README.md. */
export interface RecordedMessage {
  readonly case: string;
  readonly celery: string;
  readonly broker: 'redis' | 'amqp';
  readonly contentType: string;
  readonly contentEncoding: string;
  readonly headers: Record<string, unknown>;
  readonly properties: WireMessage['properties'];
  readonly body: string;
  readonly call?: Record<string, unknown>;
  readonly refused?: string;
}

/** A result document as Celery stored or sent it, and what it says. */
export interface RecordedDocument {
  readonly case: string;
  readonly celery: string;
  readonly document: string;
  readonly record: Record<string, unknown>;
}

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../fixtures/${name}`, import.meta.url), 'utf8'));

export const recordedMessages = read('task-messages.json') as readonly RecordedMessage[];
export const recordedDocuments = read('result-documents.json') as readonly RecordedDocument[];
export const argumentTexts = readFileSync(
  new URL('../fixtures/argument-texts.json', import.meta.url),
  'utf8',
);

export function wireOf(recorded: RecordedMessage): WireMessage {
  const { contentType, contentEncoding, headers, properties, body } = recorded;
  return { contentType, contentEncoding, headers, properties, body: Buffer.from(body, 'base64') };
}

/** The value with `{"$date"}` and `{"$bytes"}`, which JSON has no form for, put in place. */
export function revived(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revived);
  if (typeof value !== 'object' || value === null) return value;
  const object = value as Record<string, unknown>;
  if (typeof object['$date'] === 'string') return new Date(object['$date']);
  if (typeof object['$bytes'] === 'string') return Buffer.from(object['$bytes'], 'base64');
  return Object.fromEntries(Object.entries(object).map(([key, item]) => [key, revived(item)]));
}

/** Without the fields that are not set. */
export function definedFields(object: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}
