import { withErrorLinks, withImmutable, withLinks } from '../../canvas/links.js';
import { measure } from '../../canvas/measure.js';
import { mergeSignature } from '../../canvas/merge.js';
import { signatureOptions } from '../../canvas/option-names.js';
import { pipe } from '../../canvas/pipe.js';
import { kindOf } from '../../canvas/signature-shape.js';
import { SIGNATURE_UNBOUND } from '../../errors/canvas-errors.js';
import type { SignatureJson } from '../../message/signature-json.js';
import type { CallOptions } from '../../task/task-options.js';
import type { TaskResult } from '../task-result.js';
import type { SignatureSender } from './signature-sender.js';
import type { AnySignature, Missing, OutOf, ResultOf, Suffix, Taking, Anything } from './signature-types.js';

/** Options of a signature: those of a call, and what follows. */
export interface SignatureOptions extends CallOptions {
  readonly kwargs?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * A task, or a composition of tasks, with (some) arguments and options: not sent yet. A value that never changes; what looks like a change
 * gives a new one, so it can be kept, shared and sent any number of times.
 *
 * `In` is what it still takes, before the arguments that it has; `Out` what it gives in the end.
 */
export class Signature<Out = unknown, In extends Anything = Anything, Result = TaskResult<Out>> {
  /** For the compiler only; never there. */
  declare readonly types?: {
    readonly out: Out;
    readonly takes: (...args: In) => void;
    readonly result: Result;
  };

  /** @throws LOVAGE_SIGNATURE_INVALID when it is too large, nested too deep, or a part of itself */
  constructor(
    private readonly json: SignatureJson,
    readonly sender?: SignatureSender | undefined,
  ) {
    measure(json);
  }

  /** Task name; of a composition Celery's name for its kind, such as `celery.chain`. */
  get name(): string {
    return this.json.task;
  }

  get kind(): 'task' | 'chain' | 'group' | 'chord' {
    return kindOf(this.json);
  }

  get args(): readonly unknown[] {
    return this.json.args;
  }

  get kwargs(): Readonly<Record<string, unknown>> {
    return this.json.kwargs;
  }

  /** In Celery's names. */
  get options(): Readonly<Record<string, unknown>> {
    return this.json.options;
  }

  get immutable(): boolean {
    return this.json.immutable;
  }

  /** A copy with more: arguments come before those that it has, keyword arguments and options replace its own. */
  clone(
    args: readonly unknown[] = [],
    kwargs: Readonly<Record<string, unknown>> = {},
    options: CallOptions = {},
  ): this {
    return this.made(mergeSignature(this.json, args, kwargs, signatureOptions(options)));
  }

  /** With more arguments, which stand before those that it has. */
  partial<const Given extends Suffix<In>>(...args: Given): Signature<Out, Missing<In, Given>, Result> {
    return this.made(mergeSignature(this.json, args)) as unknown as Signature<
      Out,
      Missing<In, Given>,
      Result
    >;
  }

  /** With other options. Celery changes the signature itself. */
  set(options: CallOptions): this {
    return this.made(mergeSignature(this.json, [], {}, signatureOptions(options)));
  }

  /** Does not take the value of what comes before it. Of a group, and of the header of a chord, all members do not. */
  setImmutable(immutable = true): Signature<Out, Anything, Result> {
    return this.made(withImmutable(this.json, immutable)) as never;
  }

  /** With a callback that runs with its value when it has succeeded. Other than in Celery it gives this signature, not the callback. */
  link<Callback extends AnySignature>(callback: Callback & Taking<Out, Callback>): this {
    return this.made(withLinks(this.json, [jsonOf(callback)]));
  }

  /**
   * With a callback for failures: it gets the id of the failed task, or, where it needs two arguments more, the call, the error and the
   * traceback as plain data.
   */
  linkError(errback: AnySignature): this {
    return this.made(withErrorLinks(this.json, [jsonOf(errback)]));
  }

  /** This, and then another one with its value: Celery's `|`. A group that is followed by a task becomes a chord. */
  pipe<Next extends AnySignature>(
    next: Next & Taking<Out, Next>,
  ): Signature<OutOf<Next>, In, ResultOf<Next>> {
    const sender = this.sender ?? next.sender;
    return new Signature(pipe(this.json, jsonOf(next)), sender);
  }

  /** Sends it; resolves when the broker has taken what can begin now. */
  async delay(...args: In): Promise<Result> {
    return await this.applyAsync(args);
  }

  /** Sends it with options. In a chain and in a chord they are for what begins now; `taskId` is for the end. */
  async applyAsync(
    ...[args, options = {}]: [] extends In
      ? [args?: In, options?: SignatureOptions]
      : [args: In, options?: SignatureOptions]
  ): Promise<Result> {
    const { kwargs, ...others } = options;
    const json = kwargs === undefined ? this.json : mergeSignature(this.json, [], kwargs);
    return (await this.bound().send(json, args ?? [], signatureOptions(others))) as Result;
  }

  /** Runs its task in this process, at once and without any message: Celery's `signature()`. */
  async call(...args: In): Promise<Out> {
    return (await this.bound().call(this.json, args)) as Out;
  }

  /** Celery's JSON form, which Python reads. */
  toJSON(): SignatureJson {
    return this.json;
  }

  protected made(json: SignatureJson): this {
    return new (this.constructor as new (json: SignatureJson, sender?: SignatureSender) => this)(
      json,
      this.sender,
    );
  }

  private bound(): SignatureSender {
    if (this.sender === undefined) throw SIGNATURE_UNBOUND.create({ taskName: this.name });
    return this.sender;
  }
}

export const jsonOf = (signature: unknown): SignatureJson => (signature as AnySignature).toJSON();
