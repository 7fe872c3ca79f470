import { fileURLToPath } from 'node:url';
import { ChildProgram, exitText } from '../process/child-program.js';
import { ServiceError } from '../process/service-error.js';
import type { StopDeadline } from '../process/stop-deadline.js';
import type { CeleryRequest, DecodeCall, EncodeCall } from './celery-call.js';
import { CeleryPeerError, type PythonErrorAnswer } from './celery-peer-error.js';
import type { CeleryResult, DecodeResultCall, EncodeResultCall } from './celery-result.js';
import { base64Of, envelopeOfMessage, messageOfEnvelope, type PeerWireMessage } from './peer-wire-message.js';
import { fromPythonNames, toPythonNames } from './python-names.js';

export interface CeleryPeerOptions {
  /**
   * Python with Celery. Default `/usr/bin/python3`, where Debian's packages are; the first `python3` on PATH may be
   * another one.
   */
  readonly python?: string;
  /** Limit for the start and for each answer. Default 60,000 ms. */
  readonly answerWithinMs?: number;
}

/** Versions and abilities of the Python side. */
export interface CeleryPeerAbilities {
  readonly python: string;
  readonly celery: string;
  readonly kombu: string;
  readonly serializers: readonly string[];
  readonly compressions: readonly string[];
}

interface Waiting {
  readonly operation: string;
  readonly timer: NodeJS.Timeout;
  resolve(value: unknown): void;
  reject(error: Error): void;
}

type Answer =
  | { readonly ready: CeleryPeerAbilities }
  | { readonly id: number; readonly ok: unknown }
  | { readonly id: number; readonly error: PythonErrorAnswer };

const script = fileURLToPath(new URL('../../python/celery_peer.py', import.meta.url));

/**
 * Real Celery in a Python process, for tests of the wire format. It needs no broker: messages and result documents go
 * in and come out as bytes. Calls may overlap; Python answers them in their order.
 *
 * Debian 12 has Celery 5.2.6 with kombu 5.2.4. That kombu does not know the typed JSON values of later versions: a
 * `{"__type__": "datetime", "__value__": …}` stays a dict in what `decode` gives, and `encode` writes a datetime, a
 * Decimal or a UUID as plain text and refuses bytes.
 */
export class CeleryPeer {
  private readonly program: ChildProgram;
  private readonly answerWithinMs: number;
  private readonly waiting = new Map<number, Waiting>();
  private lastId = 0;
  private starting: Promise<void> | undefined;
  private known: CeleryPeerAbilities | undefined;

  constructor(options: CeleryPeerOptions = {}) {
    this.answerWithinMs = options.answerWithinMs ?? 60_000;
    this.program = new ChildProgram({
      name: 'the Celery peer',
      command: options.python ?? '/usr/bin/python3',
      // Neither the environment's nor the user's Python packages, and no compiled files beside the script.
      args: ['-E', '-s', '-B', script],
    });
  }

  /** Known once it is started. */
  get abilities(): CeleryPeerAbilities {
    if (this.known === undefined) {
      throw new ServiceError('PROGRAM_NOT_STARTED', 'the Celery peer has not been started');
    }
    return this.known;
  }

  /** Process id of Python. */
  get pid(): number {
    return this.program.pid;
  }

  /**
   * Resolves when it can be asked. Twice is legal.
   *
   * @throws ServiceError PROGRAM_NOT_STARTED without Python, PROGRAM_EXITED (with what Python wrote) without Celery,
   *   PROGRAM_STOPPED after a stop
   */
  async start(): Promise<void> {
    this.starting ??= this.startOnce();
    await this.starting;
    if (!this.program.running)
      throw new ServiceError('PROGRAM_STOPPED', 'the Celery peer has stopped; make a new one');
  }

  /** Ends the Python process; requests in hand are rejected. Twice, and before a start, is legal. */
  async stop(deadline?: StopDeadline): Promise<void> {
    await this.program.stop(deadline);
  }

  /** The message that Python Celery sends for this call: made by `send_task`, read from kombu's in-memory transport. */
  async encode(call: EncodeCall): Promise<PeerWireMessage> {
    const { envelope } = await this.ask<{ envelope: string }>('encode', {
      config: { ...call.settings, ...(call.protocol === 1 ? { task_protocol: 1 } : {}) },
      name: call.name,
      args: call.args ?? [],
      kwargs: call.kwargs ?? {},
      options: toPythonNames(call.options ?? {}),
    });
    return messageOfEnvelope(envelope);
  }

  /**
   * What a Python worker is about to run when it receives this message: through kombu's consumer, Celery's message
   * handler, strategy and `Request`.
   *
   * @throws CeleryPeerError whose `outcome` says what the worker does with a message that it does not run
   */
  async decode(call: DecodeCall): Promise<CeleryRequest> {
    const request = await this.ask<object>('decode', {
      config: call.settings ?? {},
      envelope: envelopeOfMessage(call.message),
      registered: call.registered ?? null,
    });
    return fromPythonNames(request) as unknown as CeleryRequest;
  }

  /** The document that Celery's key-value result backends (Redis among them) store. */
  async encodeResult(call: EncodeResultCall): Promise<Buffer> {
    const { document } = await this.ask<{ document: string }>('encode_result', {
      config: call.settings ?? {},
      serializer: call.serializer ?? 'json',
      task_id: call.taskId,
      status: call.status,
      value: call.value ?? null,
      exception: call.exception ?? null,
      traceback: call.traceback ?? null,
      request: call.request ?? {},
    });
    return Buffer.from(document, 'base64');
  }

  /**
   * What a Python caller reads from this document.
   *
   * @throws CeleryPeerError when the caller would fail on it
   */
  async decodeResult(call: DecodeResultCall): Promise<CeleryResult> {
    const result = await this.ask<object>('decode_result', {
      config: call.settings ?? {},
      serializer: call.serializer ?? 'json',
      document: base64Of(call.document),
    });
    return fromPythonNames(result) as unknown as CeleryResult;
  }

  private async startOnce(): Promise<void> {
    this.program.onLine((line, stream) => {
      if (stream === 'stdout') this.take(JSON.parse(line) as Answer);
    });
    void this.program.exited.then((exit) => {
      for (const waiting of this.waiting.values()) {
        const what = `${exitText(exit)} before it answered ${waiting.operation}`;
        this.settle(waiting, () => waiting.reject(this.program.errorWithOutput('PROGRAM_EXITED', what)));
      }
      this.waiting.clear();
    });
    await this.program.start();
    try {
      await this.program.waitForLine(/^\{"ready"/, { withinMs: this.answerWithinMs });
    } catch (error) {
      await this.program.kill();
      throw error;
    }
  }

  private async ask<T>(operation: string, params: object): Promise<T> {
    if (!this.program.running) {
      throw new ServiceError(
        'PROGRAM_STOPPED',
        `the Celery peer is not running and cannot answer ${operation}`,
      );
    }
    this.lastId += 1;
    const id = this.lastId;
    return await new Promise<T>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.waiting.delete(id);
        const what = `did not answer ${operation} within ${this.answerWithinMs} ms`;
        reject(this.program.errorWithOutput('WAITED_IN_VAIN', what));
      }, this.answerWithinMs);
      this.waiting.set(id, { operation, timer, resolve: (value) => resolve(value as T), reject });
      this.program.write(`${JSON.stringify({ id, operation, params })}\n`);
    });
  }

  private take(answer: Answer): void {
    if ('ready' in answer) {
      this.known = answer.ready;
      return;
    }
    const waiting = this.waiting.get(answer.id);
    // An answer that came too late has nobody waiting for it.
    if (waiting === undefined) return;
    this.waiting.delete(answer.id);
    this.settle(waiting, () => {
      if ('ok' in answer) waiting.resolve(answer.ok);
      else waiting.reject(new CeleryPeerError(waiting.operation, answer.error));
    });
  }

  private settle(waiting: Waiting, how: () => void): void {
    clearTimeout(waiting.timer);
    how();
  }
}
