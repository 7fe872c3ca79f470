/** What a worker or producer process is started with, as JSON in its first argument. */
export interface ProcessSettings {
  /** Names the process and its evidence. */
  readonly name: string;
  /** Folder for evidence. */
  readonly folder: string;
  readonly broker: string;
  /** Default: the broker's. */
  readonly results?: string | undefined;
  readonly keepsResults: boolean;
  readonly seed: number;
}

export interface WorkerProcessSettings extends ProcessSettings {
  readonly concurrency: number;
  readonly maxDeliveries: number;
  /** Time to end its tasks after SIGTERM. */
  readonly drainMs: number;
  /** Silence of the processor that counts as a stall. */
  readonly stallMs: number;
}

export interface ProducerProcessSettings extends ProcessSettings {
  /** Numbers of the tasks to be sent: the first one, and the one after the last. */
  readonly from: number;
  readonly to: number;
  /** Tasks in a second. */
  readonly rate: number;
}

/** Reads the settings that this process was started with. */
export function ownSettings(): unknown {
  return JSON.parse(process.argv[2] ?? '');
}
