import type { AppOptions, TaskApp, TaskContext, TaskOptions } from '@lovage/core';

/** A task of a Lovage worker. */
export type StageTask = (args: readonly unknown[], task: TaskContext) => unknown;

export type StageTasks = Readonly<
  Record<string, StageTask | { readonly run: StageTask; readonly options: TaskOptions }>
>;

/** How a task ended, as a Python caller sees it. */
export interface PythonOutcome {
  readonly status: string;
  readonly value?: unknown;
  readonly exception: { readonly type: string; readonly module?: string | null } | null;
}

/** What a Python caller is told to send; times in seconds. */
export interface PythonCall {
  readonly name: string;
  readonly args?: readonly number[];
  readonly options?: {
    readonly taskId?: string;
    readonly countdown?: number;
    readonly expires?: number;
    readonly timeLimit?: number;
    readonly softTimeLimit?: number;
  };
}

/** A caller of Python. */
export interface PythonCaller {
  /** Sends and waits for the end. */
  call(call: PythonCall): Promise<PythonOutcome>;
  /** Sends a canvas in its JSON form. Gives the id of its end. */
  apply(signature: object): Promise<{ readonly id: string }>;
  /** Waits for an end. */
  get(id: string, timeoutSeconds?: number): Promise<PythonOutcome>;
  revoke(id: string, options?: { readonly terminate?: 'SIGTERM' }): Promise<void>;
  inspect(
    method: string,
    options?: { readonly destination?: readonly string[]; readonly timeoutSeconds?: number },
  ): Promise<Readonly<Record<string, unknown>>>;
}

export interface PythonWorkerSettings {
  readonly queues: readonly string[];
  readonly pool: 'prefork' | 'threads';
  readonly concurrency: number;
  readonly hostname: string;
  readonly settings: Readonly<Record<string, unknown>>;
}

/** A broker with apps of Lovage and programs of Python on it; the cases know nothing else of it. */
export interface PythonStage {
  start(): Promise<void>;
  /** Ends all apps and programs, and the broker. */
  close(): Promise<void>;
  /** A started app of Lovage, on the broker unless the options say otherwise. */
  lovage(options: AppOptions, tasks?: StageTasks): Promise<TaskApp>;
  client(): Promise<PythonCaller>;
  worker(settings: PythonWorkerSettings): Promise<{ readonly running: boolean }>;
  /** Options of an app that sends to Python's workers. */
  readonly callsPython: AppOptions;
}
