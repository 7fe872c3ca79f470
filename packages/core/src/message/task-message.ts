import type { SignatureJson } from './signature-json.js';

/** What follows a task: the third element of a protocol 2 body. */
export interface Embed {
  /** Run on success (`link`), each with the result. */
  readonly callbacks: readonly SignatureJson[] | null;
  /** Run on failure (`link_error`). */
  readonly errbacks: readonly SignatureJson[] | null;
  /** The rest of the chain, reversed: the next step is the last element. */
  readonly chain: readonly SignatureJson[] | null;
  /** Body of the chord that this task is a part of. */
  readonly chord: SignatureJson | null;
}

/**
 * One task call: the meaning of a message, independent of serializer, compression and protocol version.
 * Times are calendar times; `undefined` is "not set".
 */
export interface TaskMessage {
  readonly id: string;
  /** Task name, such as `math.add`. */
  readonly task: string;
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
  readonly embed: Embed;
  /** Name to show in place of `task` in logs and events. */
  readonly shadow?: string | undefined;
  /** Not before this time. */
  readonly eta?: Date | undefined;
  /** Not after this time: the task is then REVOKED. */
  readonly expires?: Date | undefined;
  readonly group?: string | undefined;
  /** Position in its group, from 0. */
  readonly groupIndex?: number | undefined;
  /** How often the task was retried before this run. */
  readonly retries: number;
  /** Hard limit in seconds. */
  readonly timeLimit?: number | undefined;
  /** Soft limit in seconds. */
  readonly softTimeLimit?: number | undefined;
  /** Id of the first task of the workflow; the own id where there is none. */
  readonly rootId: string;
  /** Id of the task that published this one. */
  readonly parentId?: string | undefined;
  /** Text of the arguments for displays; made from the arguments when absent at encoding. May hide secrets. */
  readonly argsrepr?: string | undefined;
  readonly kwargsrepr?: string | undefined;
  /** Publisher, such as `gen4711@host`. */
  readonly origin?: string | undefined;
  /** `undefined`: the task's own setting decides. */
  readonly ignoreResult?: boolean | undefined;
  readonly replacedTaskNesting?: number | undefined;
  /** Stamps by name. */
  readonly stamps?: Readonly<Record<string, unknown>> | undefined;
  /** Other headers, merged at the top level on the wire. */
  readonly headers?: Readonly<Record<string, unknown>> | undefined;
  /** Queue for rpc results. */
  readonly replyTo?: string | undefined;
  /** 0 to 9; its direction is the broker's. */
  readonly priority?: number | undefined;
}
