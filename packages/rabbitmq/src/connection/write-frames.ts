import type { ConfirmChannel, Options } from 'amqplib';
import { type PublishFields, writePublish } from '../wire/write-publish.js';

type SendMessage = (
  channel: number,
  method: number,
  fields: PublishFields,
  kind: number,
  properties: Options.Publish,
  content: Buffer,
) => boolean;

/** The part of the client library that writes messages. Closing it puts something in the place of `sendMessage` that throws. */
export interface MessageWriter {
  readonly channels: readonly ({ readonly buffer: { write(frames: Buffer): boolean } } | null | undefined)[];
  /** Largest frame that the server takes; 0: any. */
  readonly frameMax: number;
  /** Set for each sign of life. */
  sentSinceLastCheck: boolean;
  sendMessage?: SendMessage;
}

/** Head and end of a frame. */
const aroundBody = 8;

/** Writes messages in place of the client library, in a third of the time. Large ones, and those with something rare, are left to it. */
export function writeFrames(connection: MessageWriter): void {
  const byLibrary = connection.sendMessage?.bind(connection);
  if (byLibrary === undefined) return;
  connection.sendMessage = (channel, method, fields, kind, properties, content) => {
    const mostBody = connection.frameMax === 0 ? content.length : connection.frameMax - aroundBody;
    const frames = writePublish(channel, fields, properties, content, mostBody);
    const buffer = connection.channels[channel]?.buffer;
    if (frames === undefined || buffer === undefined)
      return byLibrary(channel, method, fields, kind, properties, content);
    connection.sentSinceLastCheck = true;
    return buffer.write(frames);
  };
}

/** What every channel of the client library has, beside what it shows. */
interface SendingChannel {
  sendMessage?(fields: PublishFields, properties: Options.Publish, content: Buffer): boolean;
  pushConfirmCallback?(onConfirm: (error: unknown) => void): void;
}

/**
 * As `publish` of the client library, which makes each table of headers the prototype of another one: that costs more than all the rest.
 *
 * @returns false: the connection has enough for now
 */
export function publishConfirmed(
  channel: ConfirmChannel,
  fields: PublishFields,
  properties: Options.Publish,
  content: Buffer,
  onConfirm: (error: unknown) => void,
): boolean {
  // reason: its types do not show these.
  const sending = channel as unknown as SendingChannel;
  if (sending.sendMessage === undefined || sending.pushConfirmCallback === undefined)
    return channel.publish(fields.exchange, fields.routingKey, content, properties, onConfirm);
  const flows = sending.sendMessage(fields, properties, content);
  sending.pushConfirmCallback(onConfirm);
  return flows;
}
