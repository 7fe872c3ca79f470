import { randomUUID } from 'node:crypto';
import { defaultMessageLimits, encodeTask, type TaskMessage, type WireMessage } from '@lovage/core';

/** The message of a call as the client writes it. */
export function plainCall(fields: Partial<TaskMessage>): WireMessage {
  const id = randomUUID();
  return encodeTask(
    {
      id,
      task: 'math.add',
      args: [],
      kwargs: {},
      embed: { callbacks: null, errbacks: null, chain: null, chord: null },
      retries: 0,
      rootId: id,
      origin: 'gen1@host',
      ignoreResult: false,
      ...fields,
    },
    { serializer: 'json', limits: defaultMessageLimits },
  );
}
