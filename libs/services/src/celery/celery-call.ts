import type { PeerWireMessage } from './peer-wire-message.js';
import type { PythonValue } from './python-value.js';

/** Settings of the Celery application that works on a request, in Celery's names, such as `{ timezone: 'Asia/Shanghai' }`. */
export type CelerySettings = Readonly<Record<string, unknown>>;

export type CelerySerializer = 'json' | 'msgpack' | 'yaml' | 'pickle';

/** A signature in Celery's JSON form; what is left out gets Celery's default. */
export interface PeerSignature {
  readonly task: string;
  readonly args?: readonly PythonValue[];
  readonly kwargs?: Readonly<Record<string, PythonValue>>;
  readonly options?: Readonly<Record<string, PythonValue>>;
  readonly immutable?: boolean;
  /** `chain`, `group`, `chord`; then all other fields are needed too. */
  readonly subtask_type?: string | null;
}

/** Options of `send_task`. Times in seconds where they are numbers. */
export interface CelerySendOptions {
  readonly taskId?: string;
  readonly serializer?: CelerySerializer;
  /** `zlib`, `gzip`, `bzip2`, `lzma`, `brotli`, `zstd`. */
  readonly compression?: string;
  readonly countdown?: number;
  /** ISO 8601; without an offset it is a naive datetime. */
  readonly eta?: string;
  /** Seconds from now, or ISO 8601. */
  readonly expires?: number | string;
  readonly headers?: Readonly<Record<string, PythonValue>>;
  readonly priority?: number;
  readonly shadow?: string;
  readonly timeLimit?: number;
  readonly softTimeLimit?: number;
  readonly link?: readonly PeerSignature[];
  readonly linkError?: readonly PeerSignature[];
  /** The rest of a chain, reversed: the next step last. */
  readonly chain?: readonly PeerSignature[];
  readonly chord?: PeerSignature;
  readonly groupId?: string;
  readonly groupIndex?: number;
  readonly rootId?: string;
  readonly parentId?: string;
  readonly retries?: number;
  readonly ignoreResult?: boolean;
  readonly replyTo?: string;
  readonly queue?: string;
  readonly exchange?: string;
  /** With `queue`: of the exchange that the queue is bound to by the setting `task_queues`. */
  readonly routingKey?: string;
  readonly argsrepr?: string;
  readonly kwargsrepr?: string;
}

export interface EncodeCall {
  /** Task name. */
  readonly name: string;
  readonly args?: readonly PythonValue[];
  readonly kwargs?: Readonly<Record<string, PythonValue>>;
  readonly options?: CelerySendOptions;
  /** Message protocol. Default 2. */
  readonly protocol?: 1 | 2;
  readonly settings?: CelerySettings;
}

export interface DecodeCall {
  readonly message: PeerWireMessage;
  /** Task names that the worker knows. Default: it knows each name that comes. */
  readonly registered?: readonly string[];
  /** Default: `{ accept_content: ['json', 'msgpack', 'yaml'] }`. */
  readonly settings?: CelerySettings;
}

/** What a Python worker is about to run: the fields of Celery's own `Request`. */
export interface CeleryRequest {
  /** It has expired: the worker stores REVOKED and does not run it. */
  readonly expired: boolean;
  readonly task: string;
  /** `shadow` where the message has one, else the task name. */
  readonly shownName: string;
  readonly id: string;
  readonly args: PythonValue;
  readonly kwargs: PythonValue;
  /** ISO 8601 with offset, as the worker understood it. */
  readonly eta: string | null;
  readonly expires: string | null;
  readonly utc: boolean;
  readonly retries: number;
  readonly group: string | null;
  readonly groupIndex: number | null;
  readonly rootId: string | null;
  readonly parentId: string | null;
  /** Seconds. */
  readonly timeLimit: number | null;
  readonly softTimeLimit: number | null;
  readonly callbacks: PythonValue;
  readonly errbacks: PythonValue;
  readonly chain: PythonValue;
  readonly chord: PythonValue;
  readonly argsrepr: string | null;
  readonly kwargsrepr: string | null;
  readonly ignoreResult: boolean;
  readonly replyTo: string | null;
  readonly correlationId: string | null;
  readonly priority: number | null;
  readonly origin: string | null;
  /** All headers of the message. */
  readonly headers: Readonly<Record<string, unknown>>;
}
