import type { SignatureJson } from '../message/signature-json.js';
import type { ResultNode } from './result-node.js';

/** One message that a workflow begins or goes on with. */
export interface PlannedTask {
  readonly id: string;
  readonly task: string;
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
  /** All of its options, in Celery's names. */
  readonly options: SignatureJson['options'];
  readonly rootId: string;
  readonly parentId: string | undefined;
  readonly groupId: string | undefined;
  readonly groupIndex: number | undefined;
  readonly chord: SignatureJson | null;
  /** The rest of the chain, the next step last. */
  readonly chain: readonly SignatureJson[] | null;
  readonly callbacks: readonly SignatureJson[] | null;
  readonly errbacks: readonly SignatureJson[] | null;
}

/** A chord whose parts are counted from now on. */
export interface PlannedChord {
  readonly groupId: string;
  /** Number of parts. */
  readonly size: number;
  /** Frozen. */
  readonly body: SignatureJson;
  /** What the body gets, where it is more than the values of the parts in a row. */
  readonly structure: ResultNode | undefined;
  /** Ids of all tasks that lead to parts, as far as they are known. */
  readonly header: ResultNode;
}

/** All that a signature becomes when it is applied. */
export interface Plan {
  readonly tasks: readonly PlannedTask[];
  readonly chords: readonly PlannedChord[];
  readonly node: ResultNode;
}

/** Where a workflow begins or goes on. */
export interface PlanContext {
  readonly newId: () => string;
  /** Default: each task that begins something is its own root. */
  readonly rootId?: string | undefined;
  readonly parentId?: string | undefined;
}
