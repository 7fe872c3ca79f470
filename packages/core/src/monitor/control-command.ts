/** Limits of a task in milliseconds; `undefined`: none. */
export interface ControlledLimits {
  readonly hardMs: number | undefined;
  readonly softMs: number | undefined;
}

/** What commands may do to a worker. */
export interface ControlledWorker {
  readonly hostname: string;
  /** Whether a task of this name can be run here. */
  knows(taskName: string): boolean;
  /** Those of the tasks that run here now. */
  running(taskIds: readonly string[]): readonly string[];
  /** Records that tasks must not run, for all workers, and ends running ones where asked for. */
  revoke(taskIds: readonly string[], terminate: boolean): Promise<void>;
  /** Ends those of the tasks that run here. */
  terminate(taskIds: readonly string[]): void;
  /** Records that tasks with these stamps must not run. */
  revokeByStamps(
    stamps: Readonly<Record<string, readonly string[]>>,
    terminate: boolean,
  ): Promise<readonly string[]>;
  /** For tasks whose message says nothing else. */
  setTimeLimits(taskName: string, limits: ControlledLimits): void;
  /** Adds slots or children to the pool, or takes some away; at least one stays. */
  resizePool(by: number): void;
  /**
   * @param rate Celery's word, such as `10/m`; `null`: none
   * @returns false where the worker can not
   */
  setRateLimit(taskName: string, rate: string | number | null): boolean;
}

/** What a command is called with. */
export interface ControlCall {
  readonly worker: ControlledWorker;
  readonly args: Readonly<Record<string, unknown>>;
  /** The asker has recorded what is to be remembered. */
  readonly recorded: boolean;
}

/** One of Celery's control commands: does something and gives the reply. What it throws is the reply `{ error }`. */
export interface ControlCommand {
  readonly name: string;
  readonly run: (call: ControlCall) => unknown;
}

export const ok = (value: unknown): { readonly ok: unknown } => ({ ok: value });
export const nok = (value: unknown): { readonly error: unknown } => ({ error: value });

/** One text or an array of them. */
export function textList(value: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.filter((item): item is string => typeof item === 'string' && item !== '');
}
