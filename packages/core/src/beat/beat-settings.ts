import type { ScheduleTypes } from '../schedule/custom-schedule.js';
import type { PeriodicEntry } from './periodic-entry.js';

/** What schedules are read and kept with, in every process. */
export interface ScheduleSettings {
  /** Name of the beat: beats of one name share their schedules, and one of them leads. */
  readonly name: string;
  /** Zone of schedules that name none. */
  readonly timezone: string;
  readonly types: ScheduleTypes;
  /** Entries of the options, by name. */
  readonly declared: Readonly<Record<string, PeriodicEntry>>;
}

/** How a beat runs. */
export interface BeatSettings {
  /** Host, for queues of hosts and for one of them to lead on each. */
  readonly host: string;
  /** How long a leader stays one that does not answer. */
  readonly leaseMs: number;
  /** Keeps its process alive; where there is a worker, that does. */
  readonly keepsAlive: boolean;
}
