import type { FromChild, ToChild } from '../hop/hop-messages.js';

/** Runs what a parent tells it to run. */
export interface ChildExecutor {
  take(message: ToChild): void;
}

/** What a child asks of an app: `TaskApp` is one. */
export interface ChildApp {
  /** @param parts name of the worker, and what takes what the parent shall hear */
  childExecutor(parts: {
    readonly hostname: string;
    readonly tell: (message: FromChild) => void;
  }): ChildExecutor;
  readonly registry: { names(): string[] };
  close(): Promise<void>;
}

/** What the export of a child entry gives. */
export type ChildApplication =
  | ChildApp
  /** Where more than the app must be closed. */
  | { readonly app: ChildApp; readonly close: () => Promise<void> };
