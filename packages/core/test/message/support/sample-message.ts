import { contentTypes } from '../../../src/message/content-types.js';
import type { DecodeOptions } from '../../../src/message/decode-task.js';
import { encodeTask, type EncodeOptions } from '../../../src/message/encode-task.js';
import type { MessageLimits } from '../../../src/message/message-limits.js';
import { noEmbed } from '../../../src/message/no-embed.js';
import type { TaskMessage } from '../../../src/message/task-message.js';
import type { WireMessage } from '../../../src/message/wire-message.js';

export const limits: MessageLimits = { maxBytes: 1 << 20, maxDecompressedBytes: 4 << 20, maxDepth: 64 };

export const encoding: EncodeOptions = { serializer: 'json', limits };

export const decoding: DecodeOptions = { acceptContent: contentTypes(['json', 'msgpack', 'yaml']), limits };

export const taskId = '00000000-0000-4000-8000-000000000001';

/** A call of `math.add(2, 3)`, with other fields where they are given. */
export function taskMessage(fields: Partial<TaskMessage> = {}): TaskMessage {
  return {
    id: taskId,
    task: 'math.add',
    args: [2, 3],
    kwargs: {},
    embed: noEmbed,
    retries: 0,
    rootId: taskId,
    ...fields,
  };
}

/** The same call on the wire; `headers: { eta: undefined }` takes a header away. */
export function wireMessage(
  changes: { headers?: Record<string, unknown>; body?: unknown; bytes?: Buffer } & Partial<
    Pick<WireMessage, 'contentType' | 'properties'>
  > = {},
): WireMessage {
  const { headers, body, bytes, ...rest } = changes;
  const message = encodeTask(taskMessage(), encoding);
  const merged = { ...message.headers, ...headers };
  for (const [name, value] of Object.entries(merged)) if (value === undefined) delete merged[name];
  return {
    ...message,
    ...rest,
    headers: merged,
    body: bytes ?? (body === undefined ? message.body : Buffer.from(JSON.stringify(body))),
  };
}
