import { randomUUID } from 'node:crypto';

/** A new random id: a UUID of version 4, as Celery makes them. */
export const randomId = (): string => randomUUID();
