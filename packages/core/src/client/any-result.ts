import type { Duration } from '../clock/duration.js';
import type { RevokeOptions } from './result-access.js';
import type { RevokedTask } from './revoked-task.js';
import type { WorkflowGraph } from './workflow-graph.js';

/** What handles on tasks and on groups have in common. */
export interface AnyResult {
  /** Task id, or group id. */
  readonly id: string;
  /** Handle of what came before it in its workflow. */
  readonly parent: AnyResult | undefined;
  get(options?: {
    readonly timeout?: Duration | undefined;
    readonly signal?: AbortSignal | undefined;
  }): Promise<unknown>;
  ready(): Promise<boolean>;
  successful(): Promise<boolean>;
  failed(): Promise<boolean>;
  revoke(options?: RevokeOptions): Promise<unknown>;
  /** Revokes the whole workflow that ends here: each of its tasks. */
  revokeAll(options?: RevokeOptions): Promise<readonly RevokedTask[]>;
  forget(): Promise<void>;
  graph(): Promise<WorkflowGraph>;
}
