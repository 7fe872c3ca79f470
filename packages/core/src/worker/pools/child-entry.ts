/**
 * The module that makes the application once more in a child of a pool.
 *
 * Its export is a function that is given `data` and gives a `TaskApp`, or `{ app, close }`, or a promise of one of these. The
 * app is neither to be started nor to be closed by the function.
 */
export interface ChildEntry {
  /** URL of the module: `file:///srv/app/dist/tasks.js`. */
  readonly module: string;
  /** Name of the export. Default `default`. */
  readonly export?: string | undefined;
  /** Handed to the function; plain JSON values. */
  readonly data?: unknown;
  /** How errors name it. Default: the URL, with the export. */
  readonly shown?: string | undefined;
}
