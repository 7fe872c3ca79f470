import type { StopDeadline } from '../process/stop-deadline.js';
import type { CelerySendOptions, CelerySettings, PeerSignature } from './celery-call.js';
import type { CeleryResult } from './celery-result.js';
import { PythonDialogue } from './python-dialogue.js';
import { fromPythonNames, toPythonNames } from './python-names.js';
import type { PythonValue } from './python-value.js';

export interface CeleryClientOptions {
  /** URL of the broker. */
  readonly broker: string;
  /** URL of the result backend. Default: the broker's. */
  readonly resultBackend?: string;
  /** Further settings, in Celery's names: `broker_transport_options`, `task_serializer`, `result_extended`, … */
  readonly settings?: CelerySettings;
  /** Default `/usr/bin/python3`. */
  readonly python?: string;
  /** Limit for the start and for each answer, beyond the time that a `get` is told to wait. Default 60,000 ms. */
  readonly answerWithinMs?: number;
}

/** A result as a Python caller sees it. */
export type CeleryOutcome = Pick<CeleryResult, 'status' | 'value' | 'exception' | 'traceback'>;

export interface CelerySend {
  /** Task name. */
  readonly name: string;
  readonly args?: readonly PythonValue[];
  readonly kwargs?: Readonly<Record<string, PythonValue>>;
  readonly options?: CelerySendOptions;
}

/**
 * A Python caller: a Celery application, in a process of its own, on a real broker. Calls may overlap; each has a thread
 * of its own in Python.
 */
export class CeleryClient {
  private readonly dialogue: PythonDialogue<{ readonly celery: string; readonly kombu: string }>;
  private readonly answerWithinMs: number;

  constructor(options: CeleryClientOptions) {
    this.answerWithinMs = options.answerWithinMs ?? 60_000;
    this.dialogue = new PythonDialogue({
      name: 'the Celery client',
      script: 'celery_client.py',
      args: [JSON.stringify(connectionSettings(options))],
      answerWithinMs: this.answerWithinMs,
      ...(options.python === undefined ? {} : { python: options.python }),
    });
  }

  /** Versions of Python's side. Known once it is started. */
  get versions(): { readonly celery: string; readonly kombu: string } {
    return this.dialogue.greeting;
  }

  /** Process id of Python. */
  get pid(): number {
    return this.dialogue.pid;
  }

  /** Resolves when it can be asked; it does not connect before it must. Twice is legal. Errors as `CeleryPeer.start`. */
  async start(): Promise<void> {
    await this.dialogue.start();
  }

  /** Ends the process; what was asked is rejected. Twice, and before a start, is legal. */
  async stop(deadline?: StopDeadline): Promise<void> {
    await this.dialogue.stop(deadline);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** `app.send_task`. Returns the id of the task. All errors of Python come as CeleryPeerError. */
  async send(call: CelerySend): Promise<string> {
    const { id } = await this.dialogue.ask<{ id: string }>('send', {
      name: call.name,
      args: call.args ?? [],
      kwargs: call.kwargs ?? {},
      options: toPythonNames(call.options ?? {}),
    });
    return id;
  }

  /**
   * `app.signature(…).apply_async()`, for a canvas in its JSON form. Returns the id of its result and the tuple of ids by
   * which Celery can find it again.
   */
  async apply(signature: PeerSignature): Promise<{ readonly id: string; readonly tuple: PythonValue }> {
    return await this.dialogue.ask('apply', { signature });
  }

  /** A canvas as Python's own operators build it: a number is a task with this argument, `['chain', …]` and the like are compositions. */
  async compose(expression: unknown): Promise<unknown> {
    return await this.dialogue.ask('compose', { expression });
  }

  /** The JSON form of a canvas, read and written by Python. */
  async read(signature: unknown): Promise<unknown> {
    return await this.dialogue.ask('read', { signature });
  }

  /**
   * `AsyncResult.get`, with a failure as an outcome and not as an error.
   *
   * @param timeoutSeconds for Celery's wait. Default 60.
   * @throws CeleryPeerError of the type `celery.exceptions.TimeoutError` when there is none by then
   */
  async get(id: string, timeoutSeconds = 60): Promise<CeleryOutcome> {
    const params = { id, timeout: timeoutSeconds };
    return outcomeOf(await this.dialogue.ask('get', params, this.answerWithinMs + timeoutSeconds * 1000));
  }

  /** `send` and `get` in one thread of Python: with `rpc://` only the thread that has sent a task hears of it. */
  async call(call: CelerySend, timeoutSeconds = 60): Promise<CeleryOutcome> {
    const params = {
      name: call.name,
      args: call.args ?? [],
      kwargs: call.kwargs ?? {},
      options: toPythonNames(call.options ?? {}),
      timeout: timeoutSeconds,
    };
    return outcomeOf(await this.dialogue.ask('call', params, this.answerWithinMs + timeoutSeconds * 1000));
  }

  /** What `AsyncResult` reads now, also of a state that is not final: the meta of a custom one is its value. */
  async peek(id: string): Promise<CeleryOutcome> {
    return outcomeOf(await this.dialogue.ask('peek', { id }));
  }

  /** `AsyncResult.state`. */
  async state(id: string): Promise<string> {
    return (await this.peek(id)).status;
  }

  /** The document in the result backend, byte for byte. Undefined: there is none. */
  async document(id: string): Promise<Buffer | undefined> {
    const base64 = await this.dialogue.ask<string | null>('document', { id });
    return base64 === null ? undefined : Buffer.from(base64, 'base64');
  }

  /** `AsyncResult.forget`. */
  async forget(id: string): Promise<void> {
    await this.dialogue.ask('forget', { id });
  }

  /** `app.control.revoke`: a message to all workers that nobody confirms. `terminate` takes the name of a signal. */
  async revoke(id: string, options: { readonly terminate?: NodeJS.Signals } = {}): Promise<void> {
    const { terminate } = options;
    const params = { id, terminate: terminate !== undefined, signal: terminate ?? 'SIGTERM' };
    await this.dialogue.ask('revoke', params);
  }

  /**
   * `app.control.inspect()`: what workers answer, by their names.
   *
   * @param method `ping`, `active`, `reserved`, `scheduled`, `revoked`, `registered`, `active_queues`, `stats`, `conf`
   */
  async inspect(
    method: string,
    options: { readonly destination?: readonly string[]; readonly timeoutSeconds?: number } = {},
  ): Promise<Readonly<Record<string, PythonValue>>> {
    const { destination = null, timeoutSeconds = 1 } = options;
    return await this.dialogue.ask('inspect', { method, destination, timeout: timeoutSeconds });
  }
}

/** Celery's settings for these URLs, under what the caller says. */
export function connectionSettings(
  options: Pick<CeleryClientOptions, 'broker' | 'resultBackend' | 'settings'>,
): CelerySettings {
  return {
    broker_url: options.broker,
    result_backend: options.resultBackend ?? options.broker,
    ...options.settings,
  };
}

function outcomeOf(answer: object): CeleryOutcome {
  return fromPythonNames(answer) as unknown as CeleryOutcome;
}
