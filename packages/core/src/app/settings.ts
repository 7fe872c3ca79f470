import type { BeatSettings, ScheduleSettings } from '../beat/beat-settings.js';
import type { CompressionName, SerializerName } from '../message/codec-names.js';
import type { MessageLimits } from '../message/message-limits.js';
import type { Topology } from '../ports/topology.js';
import type { Routes } from '../routing/routes.js';
import type { TaskOptions } from '../task/task-options.js';
import type { WorkerSettings } from '../worker/worker-settings.js';

/** Options after validation, with every default in place and every duration in milliseconds. */
export interface Settings {
  readonly broker: string;
  readonly results: string | false;
  readonly defaultQueue: string;
  readonly topology: Topology;
  /** Queues of which every worker gets a copy of each message. */
  readonly broadcasts: ReadonlySet<string>;
  readonly createMissingQueues: boolean;
  readonly routes: Routes | undefined;
  readonly serializer: SerializerName;
  readonly compression: CompressionName | undefined;
  readonly acceptContent: ReadonlySet<string>;
  readonly limits: MessageLimits;
  /** `undefined`: for ever. */
  readonly resultTtlMs: number | undefined;
  readonly trackSent: boolean;
  readonly publishTimeoutMs: number;
  readonly storeTimeoutMs: number;
  readonly revokeTtlMs: number;
  readonly remoteControl: boolean;
  readonly taskDefaults: TaskOptions | undefined;
  /** `undefined`: this process runs no worker. */
  readonly worker: WorkerSettings | undefined;
  /** What schedules are kept with, whether a beat runs here or not. */
  readonly schedules: ScheduleSettings;
  /** `undefined`: this process runs no beat. */
  readonly beat: BeatSettings | undefined;
}
