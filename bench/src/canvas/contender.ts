/** One library with workflows. */
export interface CanvasContender {
  readonly name: string;
  /** Resolves with the result of the last of `steps` tasks, one after the other. */
  readonly chain: (steps: number) => Promise<unknown>;
  /** Resolves with the result of a task that runs after `size` others. */
  readonly group: (size: number) => Promise<unknown>;
  readonly close: () => Promise<void>;
}
