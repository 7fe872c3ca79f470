import { types } from 'node:util';
import { isLovageError } from '../errors/lovage-error.js';
import {
  HOSTILE_KEY,
  MESSAGE_TOO_DEEP,
  MESSAGE_TOO_LARGE,
  VALUE_UNSERIALIZABLE,
} from '../errors/message-errors.js';
import type { EncodeContext } from './codec-context.js';
import type { SerializerName } from './codec-names.js';
import { HostileKey, refuseHostileKeys } from './hostile-keys.js';
import { isTypedValue, type TypedValue } from './typed-value.js';
import { unsupportedKind } from './unsupported-kind.js';

/** Takes a value in parts, in the order in which they are written. A text is the reason why a part can not be written. */
export interface ValueSink {
  null(): void;
  boolean(value: boolean): void;
  number(value: number): string | undefined;
  bigint(value: bigint): string | undefined;
  string(value: string): string | undefined;
  date(value: Date): string | undefined;
  bytes(value: Buffer): string | undefined;
  typed(value: TypedValue): string | undefined;
  startArray(): void;
  endArray(): void;
  startObject(): void;
  key(key: string): string | undefined;
  endObject(): void;
}

/**
 * Takes a value apart for a serializer, and finds what none of them can write: cycles, functions, Maps, throwing getters,
 * hostile keys. Class instances are taken by their own enumerable fields, or by `toJSON`. `undefined` is left out of
 * objects and is null elsewhere.
 *
 * @param outerDepth how many levels the output will be nested in
 * @throws LOVAGE_VALUE_UNSERIALIZABLE with the path, LOVAGE_MESSAGE_TOO_DEEP, LOVAGE_MESSAGE_TOO_LARGE, LOVAGE_HOSTILE_KEY
 */
export function walkValue(
  value: unknown,
  sink: ValueSink,
  serializer: SerializerName,
  context: EncodeContext,
  outerDepth: number,
): void {
  const walk = new ValueWalk(sink, serializer, context, outerDepth);
  try {
    walk.value(value, true);
  } catch (error) {
    if (error instanceof HostileKey) throw HOSTILE_KEY.create({ ...context.identity, key: error.key });
    if (isLovageError(error)) throw error;
    throw walk.refusal('can not be read: a getter, toJSON or proxy threw', error);
  }
}

class ValueWalk {
  /** Containers around the present value, outermost first. */
  private readonly open: object[] = [];
  /** Path of the present value. */
  private readonly keys: (string | number)[] = [];
  private left: number;

  constructor(
    private readonly sink: ValueSink,
    private readonly serializer: SerializerName,
    private readonly context: EncodeContext,
    private readonly outerDepth: number,
  ) {
    this.left = context.maxBytes;
  }

  value(value: unknown, convert: boolean): void {
    this.spend(1);
    switch (typeof value) {
      case 'string':
        this.spend(value.length);
        return this.taken(this.sink.string(value));
      case 'number':
        return this.taken(this.sink.number(value));
      case 'boolean':
        return this.sink.boolean(value);
      case 'bigint':
        return this.taken(this.sink.bigint(value));
      case 'undefined':
        return this.sink.null();
      case 'object':
        return value === null ? this.sink.null() : this.object(value, convert);
      case 'function':
      case 'symbol':
        throw this.refusal(`is a ${typeof value}`);
    }
  }

  refusal(problem: string, cause?: unknown): Error {
    const { serializer, context } = this;
    const details = {
      ...context.identity,
      serializer,
      where: context.where,
      problem: `${context.where}${this.path()} ${problem}`,
    };
    return VALUE_UNSERIALIZABLE.create(details, cause);
  }

  private object(value: object, convert: boolean): void {
    if (isTypedValue(value)) return this.taken(this.sink.typed(value));
    if (types.isDate(value)) return this.taken(this.sink.date(value));
    if (types.isUint8Array(value))
      return this.bytes(Buffer.from(value.buffer, value.byteOffset, value.byteLength));
    if (types.isAnyArrayBuffer(value)) return this.bytes(Buffer.from(value));
    if (types.isBoxedPrimitive(value)) return this.value(value.valueOf(), false);
    const kind = unsupportedKind(value);
    if (kind !== undefined) throw this.refusal(kind);
    if (convert) {
      const { toJSON } = value as { readonly toJSON?: unknown };
      if (typeof toJSON === 'function')
        return this.value(toJSON.call(value, String(this.keys.at(-1) ?? '')), false);
    }
    if (this.open.includes(value)) throw this.refusal('refers back to itself');
    const limit = this.context.limits.maxDepth;
    if (this.outerDepth + this.open.length >= limit)
      throw MESSAGE_TOO_DEEP.create({ ...this.context.identity, limit });
    this.open.push(value);
    if (Array.isArray(value)) this.array(value);
    else this.fields(value as Record<string, unknown>);
    this.open.pop();
  }

  private array(array: readonly unknown[]): void {
    this.sink.startArray();
    for (let i = 0; i < array.length; i++) {
      this.keys.push(i);
      this.value(array[i], true);
      this.keys.pop();
    }
    this.sink.endArray();
  }

  private fields(object: Record<string, unknown>): void {
    refuseHostileKeys(object);
    this.sink.startObject();
    for (const key of Object.keys(object)) {
      this.keys.push(key);
      const item = object[key];
      if (item !== undefined) {
        this.spend(key.length);
        this.taken(this.sink.key(key));
        this.value(item, true);
      }
      this.keys.pop();
    }
    this.sink.endObject();
  }

  private bytes(value: Buffer): void {
    this.spend(value.length);
    this.taken(this.sink.bytes(value));
  }

  private taken(problem: string | undefined): void {
    if (problem !== undefined) throw this.refusal(problem);
  }

  /** Objects that are shared again and again would make endless output from little. */
  private spend(bytes: number): void {
    this.left -= bytes;
    if (this.left >= 0) return;
    const { identity, maxBytes } = this.context;
    throw MESSAGE_TOO_LARGE.create({
      ...identity,
      bytes: maxBytes - this.left,
      limit: maxBytes,
      stage: 'encoded',
    });
  }

  /** Cut where it is long, since keys may be anything. */
  private path(): string {
    const path = this.keys.map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`)).join('');
    return path.length > 200 ? `${path.slice(0, 200)}…` : path;
  }
}
