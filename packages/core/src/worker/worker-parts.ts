import type { EventHub } from '../events/event-hub.js';
import type { DecodeOptions } from '../message/decode-task.js';
import type { CompressionName, SerializerName } from '../message/codec-names.js';
import type { MessageLimits } from '../message/message-limits.js';
import type { Router } from '../routing/router.js';
import type { Stores } from '../stores/stores.js';
import type { TaskRegistry } from '../task/task-registry.js';
import type { ChildPrograms } from './pools/create-pool.js';
import type { WorkerSettings } from './worker-settings.js';

/** What a worker is made of. */
export interface WorkerParts {
  readonly stores: Stores;
  readonly registry: TaskRegistry;
  readonly events: EventHub;
  readonly settings: WorkerSettings;
  readonly newId: () => string;
  /** From 0 to below 1. */
  readonly random: () => number;
  /** Where the programs of children are; default: beside this code. */
  readonly childPrograms?: ChildPrograms | undefined;
  /** How long the leases of limits last from one renewal to the next at most: milliseconds. Default 30,000. */
  readonly limitLeaseMs?: number | undefined;
  readonly serializer: SerializerName;
  readonly compression: CompressionName | undefined;
  readonly limits: MessageLimits;
  readonly acceptContent: ReadonlySet<string>;
  /** For the messages that follow a task. */
  readonly router: Router;
  readonly createMissingQueues: boolean;
  readonly trackSent: boolean;
  /** Publisher as other programs see it, such as `gen4711@host`. */
  readonly origin: string;
  /** `undefined`: for ever. */
  readonly resultTtlMs: number | undefined;
}

/** How its messages are read. */
export const decodingOf = ({ acceptContent, limits }: WorkerParts): DecodeOptions => ({
  acceptContent,
  limits,
});
