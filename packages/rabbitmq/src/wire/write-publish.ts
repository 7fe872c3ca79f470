import type { Options } from 'amqplib';
import { basicClass, frameEnd, frameKinds, methods } from './frame-kinds.js';
import { FrameWriter } from './frame-writer.js';
import { propertyFlags } from './property-flags.js';
import { writeTable } from './write-table.js';

/** Where a message goes. */
export interface PublishFields {
  readonly exchange: string;
  readonly routingKey: string;
  readonly mandatory: boolean;
}

/** One for all connections: nothing waits between its first byte and its last. */
const writer = new FrameWriter();

/**
 * The frames of a message, the same bytes as the client library makes of it.
 *
 * @param mostBody bytes of a message in one frame
 * @returns `undefined`: it is large or has something rare, and is left to the library, which also says what is wrong with it
 */
export function writePublish(
  channel: number,
  fields: PublishFields,
  properties: Options.Publish,
  content: Buffer,
  mostBody: number,
): Buffer | undefined {
  if (content.length > mostBody || hasOthers(properties)) return undefined;
  writer.begin();
  const method = beginFrame(frameKinds.method, channel);
  writer.int32(methods.publish);
  writer.int16(0);
  writer.shortText(fields.exchange);
  writer.shortText(fields.routingKey);
  writer.byte(fields.mandatory ? 1 : 0);
  endFrame(method);
  const header = beginFrame(frameKinds.header, channel);
  writer.int16(basicClass);
  writer.int16(0);
  writer.int32(0);
  writer.int32(content.length);
  writeProperties(properties);
  endFrame(header);
  if (content.length > 0 && writer.fits(content.length)) {
    const body = beginFrame(frameKinds.body, channel);
    writer.at += content.copy(writer.bytes, writer.at);
    endFrame(body);
  }
  return writer.failed ? undefined : writer.taken();
}

/** @returns where its payload begins */
function beginFrame(kind: number, channel: number): number {
  writer.byte(kind);
  writer.int16(channel);
  return writer.beginLength();
}

function endFrame(from: number): void {
  writer.endLength(from);
  writer.byte(frameEnd);
}

function writeProperties(properties: Options.Publish): void {
  const { contentType, contentEncoding, deliveryMode, priority, correlationId, replyTo } = properties;
  const headers = properties.headers as Readonly<Record<string, unknown>> | undefined;
  const flagsAt = writer.at;
  let flags = 0;
  writer.int16(0);
  if (contentType !== undefined) {
    flags |= propertyFlags.contentType;
    writer.shortText(contentType);
  }
  if (contentEncoding !== undefined) {
    flags |= propertyFlags.contentEncoding;
    writer.shortText(contentEncoding);
  }
  if (headers !== undefined) {
    flags |= propertyFlags.headers;
    writeTable(writer, headers);
  }
  if (deliveryMode !== undefined) {
    flags |= propertyFlags.deliveryMode;
    writeOctet(deliveryMode);
  }
  if (priority !== undefined) {
    flags |= propertyFlags.priority;
    writeOctet(priority);
  }
  if (correlationId !== undefined) {
    flags |= propertyFlags.correlationId;
    writer.shortText(correlationId);
  }
  if (replyTo !== undefined) {
    flags |= propertyFlags.replyTo;
    writer.shortText(replyTo);
  }
  writer.bytes.writeUInt16BE(flags, flagsAt);
}

function writeOctet(value: unknown): void {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 255) writer.byte(value);
  else writer.failed = true;
}

const hasOthers = ({ expiration, messageId, timestamp, type, userId, appId }: Options.Publish): boolean =>
  (expiration ?? messageId ?? timestamp ?? type ?? userId ?? appId) !== undefined;
