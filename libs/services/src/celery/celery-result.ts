import type { CelerySerializer, CelerySettings } from './celery-call.js';
import type { PythonValue } from './python-value.js';

export interface EncodeResultCall {
  readonly taskId: string;
  /** State, such as `SUCCESS`. */
  readonly status: string;
  /** The return value, or the meta of a state that is not final. Default None. */
  readonly value?: PythonValue;
  /** In place of `value`: what the task raised. A class that Python does not have is made under that name. */
  readonly exception?: {
    readonly type: string;
    /** Default `builtins`. */
    readonly module?: string;
    readonly args: readonly PythonValue[];
  };
  readonly traceback?: string;
  /**
   * Attributes of the task's request, in Celery's names: `group`, `parent_id`, `children` (result tuples); with the
   * setting `result_extended` also `task`, `args`, `kwargs`, `hostname`, `retries`, `delivery_info`.
   */
  readonly request?: Readonly<Record<string, PythonValue>>;
  /** Default `json`. */
  readonly serializer?: CelerySerializer;
  readonly settings?: CelerySettings;
}

export interface DecodeResultCall {
  /** A string is UTF-8 text. */
  readonly document: Uint8Array | string;
  /** Default `json`. */
  readonly serializer?: CelerySerializer;
  readonly settings?: CelerySettings;
}

/** The exception object that a Python caller's `get()` would raise. */
export interface PythonException {
  readonly type: string;
  readonly module: string;
  /** Qualified names of the class and its ancestors, such as `builtins.ValueError`. */
  readonly bases: readonly string[];
  readonly args: PythonValue;
  /** `str(error)`. */
  readonly text: string;
}

/** A result document as a Python caller reads it. */
export interface CeleryResult {
  readonly status: string;
  /** Null for FAILURE, RETRY and REVOKED, which have `exception`. */
  readonly value: PythonValue;
  readonly exception: PythonException | null;
  readonly traceback: string | null;
  readonly children: PythonValue;
  readonly dateDone: PythonValue;
  readonly groupId: string | null;
  readonly parentId: string | null;
  readonly taskId: string | null;
  /** All other fields of the document. */
  readonly other: Readonly<Record<string, PythonValue>>;
}
