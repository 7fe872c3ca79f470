/** An error as Celery keeps it in a result document; Python looks at the first three fields only. */
export interface ErrorJson {
  /** Class name. */
  readonly exc_type: string;
  /** Arguments of the exception; for errors of JavaScript the message. */
  readonly exc_message: readonly unknown[];
  /** Python module of the class; null makes a Python caller create a class of that name. */
  readonly exc_module: string | null;
  /** What Celery has no field for. */
  readonly lovage?: ErrorExtras | undefined;
}

export interface ErrorExtras {
  /** The error's own code, such as `LOVAGE_ARGUMENTS_INVALID` or `ENOENT`. */
  readonly code?: string | undefined;
  /** The message, where `exc_message` has a form that Celery prescribes. */
  readonly message?: string | undefined;
  /** Stack of a cause; the one of the error itself is the traceback of the document. */
  readonly stack?: string | undefined;
  readonly cause?: ErrorJson | undefined;
}

/** A handle on another task or group, in Celery's form: id and parent, and the members of a group. */
export type ResultTuple = readonly [readonly [string, ResultTuple | null], readonly ResultTuple[] | null];

/** What Celery adds with `result_extended`. */
export interface ExtendedRecord {
  readonly name: string | undefined;
  readonly args: readonly unknown[] | undefined;
  readonly kwargs: Readonly<Record<string, unknown>> | undefined;
  readonly worker: string | undefined;
  readonly retries: number | undefined;
  readonly queue: string | undefined;
}

/** One run of a task that was retried; times in milliseconds since 1970 UTC. See `Attempt`. */
export interface AttemptRecord {
  readonly retries: number;
  readonly startedMs: number;
  readonly endedMs: number;
  readonly worker: string;
  readonly deliveries: number;
  readonly error?: string | undefined;
}

/** State and result of a task: the meaning of a result document. */
export interface ResultRecord {
  readonly taskId: string;
  readonly state: string;
  /** Return value; the meta of a custom state; an {@link ErrorJson} for FAILURE, RETRY, REVOKED and REJECTED. */
  readonly result: unknown;
  /** Stack at the worker, as text. */
  readonly traceback: string | undefined;
  /** Tasks that the task has sent. */
  readonly children: readonly ResultTuple[];
  /** When it became final. */
  readonly dateDone: Date | undefined;
  readonly groupId: string | undefined;
  readonly parentId: string | undefined;
  readonly extended: ExtendedRecord | undefined;
  /** Of a task that was retried: its runs, of many the first and the last ones. Celery knows no such field. */
  readonly attempts?: readonly AttemptRecord[] | undefined;
  /**
   * Of a failure whose message is parked: why. It is stored before that is done, so that it can be done by whoever gets the message
   * next. Celery knows no such field.
   */
  readonly parked?: ParkRecord | undefined;
  /**
   * What the task has added to its chord: sent with its end, and again by whoever gets the message next, should its worker have died
   * between the two: signatures. Celery knows no such field.
   */
  readonly added?: readonly unknown[] | undefined;
}

/** Why a message is parked: code of an error, and one line. */
export interface ParkRecord {
  readonly code: string;
  readonly text: string;
}
