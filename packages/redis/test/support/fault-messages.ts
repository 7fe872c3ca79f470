import type { Delivery, Publication, StoredResult } from '@lovage/core';

export function publicationOf(id: string, notBefore?: number, routingKey = 'q'): Publication {
  return {
    message: {
      contentType: 'application/json',
      contentEncoding: 'utf-8',
      headers: { id, task: 't' },
      properties: { correlationId: id },
      body: '[[],{},{}]',
    },
    exchange: '',
    routingKey,
    ...(notBefore !== undefined && { notBefore: notBefore as Publication['notBefore'] }),
  };
}

export const idOf = ({ message }: Delivery): string => String(message.headers['id']);

/** @param by what the document tells of its writer */
export const resultOf = (taskId: string, state: string, by: string | null = null): StoredResult => ({
  taskId,
  state,
  document: JSON.stringify({ status: state, result: by, task_id: taskId }),
  ttlMs: 60_000,
});
