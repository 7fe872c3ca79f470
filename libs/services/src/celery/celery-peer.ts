import type { StopDeadline } from '../process/stop-deadline.js';
import type { CeleryRequest, DecodeCall, EncodeCall } from './celery-call.js';
import type { CeleryResult, DecodeResultCall, EncodeResultCall } from './celery-result.js';
import { base64Of, envelopeOfMessage, messageOfEnvelope, type PeerWireMessage } from './peer-wire-message.js';
import { PythonDialogue } from './python-dialogue.js';
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

/**
 * Real Celery in a Python process, for tests of the wire format. It needs no broker: messages and result documents go
 * in and come out as bytes. Calls may overlap; Python answers them in their order.
 *
 * Debian 12 has Celery 5.2.6 with kombu 5.2.4. That kombu does not know the typed JSON values of later versions: a
 * `{"__type__": "datetime", "__value__": …}` stays a dict in what `decode` gives, and `encode` writes a datetime, a
 * Decimal or a UUID as plain text and refuses bytes.
 */
export class CeleryPeer {
  private readonly dialogue: PythonDialogue<CeleryPeerAbilities>;

  constructor(options: CeleryPeerOptions = {}) {
    this.dialogue = new PythonDialogue({ ...options, name: 'the Celery peer', script: 'celery_peer.py' });
  }

  /** Known once it is started. */
  get abilities(): CeleryPeerAbilities {
    return this.dialogue.greeting;
  }

  /** Process id of Python. */
  get pid(): number {
    return this.dialogue.pid;
  }

  /**
   * Resolves when it can be asked. Twice is legal.
   *
   * @throws ServiceError PROGRAM_NOT_STARTED without Python, PROGRAM_EXITED (with what Python wrote) without Celery,
   *   PROGRAM_STOPPED after a stop
   */
  async start(): Promise<void> {
    await this.dialogue.start();
  }

  /** Ends the Python process; requests in hand are rejected. Twice, and before a start, is legal. */
  async stop(deadline?: StopDeadline): Promise<void> {
    await this.dialogue.stop(deadline);
  }

  /** The message that Python Celery sends for this call: made by `send_task`, read from kombu's in-memory transport. */
  async encode(call: EncodeCall): Promise<PeerWireMessage> {
    const { envelope } = await this.dialogue.ask<{ envelope: string }>('encode', {
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
    const request = await this.dialogue.ask<object>('decode', {
      config: call.settings ?? {},
      envelope: envelopeOfMessage(call.message),
      registered: call.registered ?? null,
    });
    return fromPythonNames(request) as unknown as CeleryRequest;
  }

  /** The document that Celery's key-value result backends (Redis among them) store. */
  async encodeResult(call: EncodeResultCall): Promise<Buffer> {
    const { document } = await this.dialogue.ask<{ document: string }>('encode_result', {
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
    const result = await this.dialogue.ask<object>('decode_result', {
      config: call.settings ?? {},
      serializer: call.serializer ?? 'json',
      document: base64Of(call.document),
    });
    return fromPythonNames(result) as unknown as CeleryResult;
  }
}
