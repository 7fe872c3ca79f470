import { types } from 'node:util';
import { Decoder, Encoder, ExtensionCodec } from '@msgpack/msgpack';
import { BODY_UNDECODABLE, HOSTILE_KEY, MESSAGE_TOO_DEEP } from '../errors/message-errors.js';
import type { DecodeContext } from './codec-context.js';
import { encodedBytes } from './encoded.js';
import { HostileKey, refuseHostileKeys } from './hostile-keys.js';
import { formatIsoTime } from './iso-time.js';
import { scanMsgpack } from './msgpack-scan.js';
import type { Serializer } from './serializer.js';
import type { TypedValue } from './typed-value.js';
import { type ValueSink, walkValue } from './value-walk.js';

const contentType = 'application/x-msgpack';
const timestampType = -1;

/**
 * MessagePack as kombu writes and reads it: text and bytes are distinct. A Date travels as MessagePack's own timestamp,
 * which is a Date here and `msgpack.Timestamp` in Python; a BigInt as a 64-bit integer. Minus zero becomes zero.
 */
export const msgpackSerializer: Serializer = {
  name: 'msgpack',
  contentType,
  contentEncoding: 'binary',
  serialize: (value, context) => {
    const tree = new MsgpackTree();
    walkValue(value, tree, 'msgpack', context, 0);
    // The depth was bounded by the walk.
    const bytes = new Encoder({ useBigInt64: true, maxDepth: Number.MAX_SAFE_INTEGER }).encodeSharedRef(
      tree.root,
    );
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  },
  deserialize: (encoded, context) => {
    const bytes = encodedBytes(encoded);
    const { limits } = context;
    const fault = scanMsgpack(bytes, limits.maxDepth);
    if (fault === 'too-deep') throw MESSAGE_TOO_DEEP.create({ ...context.identity, limit: limits.maxDepth });
    if (fault !== undefined) throw undecodable(faults[fault], context);
    try {
      return cleaned(
        new Decoder({
          useBigInt64: true,
          extensionCodec: timestampsOnly,
          keyDecoder: keysOfPrototype,
        }).decode(bytes),
      );
    } catch (error) {
      if (error instanceof HostileKey) throw HOSTILE_KEY.create({ ...context.identity, key: error.key });
      throw undecodable('it holds a key, text or extension that is not supported', context, error);
    }
  },
};

const faults = {
  truncated: 'it ends too early',
  trailing: 'bytes follow after its end',
  malformed: 'it holds a byte that MessagePack never uses',
} as const;

const undecodable = (problem: string, context: DecodeContext, cause?: unknown): Error =>
  BODY_UNDECODABLE.create({ ...context.identity, contentType, problem }, cause);

const builtIn = new ExtensionCodec();

const timestampsOnly = {
  tryToEncode: () => null,
  decode: (data: Uint8Array, type: number): unknown => {
    const value: unknown = type === timestampType ? builtIn.decode(data, type, undefined) : undefined;
    if (value === undefined) throw new RangeError(`extension type ${type} is not supported`);
    return value;
  },
};

const prototypeKey = '__proto__';

/** Gives the library's own refusal of this key the name that it has here; asked for keys of its length only. */
const keysOfPrototype = {
  canBeCached: (byteLength: number): boolean => byteLength === prototypeKey.length,
  decode: (bytes: Uint8Array, offset: number, byteLength: number): string => {
    const key = Buffer.from(bytes.buffer, bytes.byteOffset + offset, byteLength).toString();
    if (key === prototypeKey) throw new HostileKey(key);
    return key;
  },
};

/** Long integers that a number can hold become one, bytes get a memory of their own, and keys are checked. */
function cleaned(value: unknown): unknown {
  if (typeof value === 'bigint') {
    return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
  }
  if (typeof value !== 'object' || value === null) return value;
  if (types.isUint8Array(value)) return Buffer.from(value);
  if (types.isDate(value)) {
    if (Number.isNaN(value.getTime())) throw new RangeError('a timestamp is out of range');
    return value;
  }
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) value[i] = cleaned(value[i]);
    return value;
  }
  refuseHostileKeys(value);
  const object = value as Record<string, unknown>;
  for (const key of Object.keys(object)) object[key] = cleaned(object[key]);
  return object;
}

/** Python refuses the bytes that would stand for it. */
const loneSurrogate = /\p{Surrogate}/u;
const minInt64 = -(2n ** 63n);
const maxUint64 = 2n ** 64n - 1n;
/** With 64-bit integers switched on, the library writes longer numbers as floats unless they are BigInts. */
const maxShortInteger = 0xff_ff_ff_ff;
const minShortInteger = -0x80_00_00_00;

/** Collects a copy of the value that holds only what the library writes as it should be. */
class MsgpackTree implements ValueSink {
  root: unknown = null;
  private readonly open: (unknown[] | Record<string, unknown>)[] = [];
  private readonly fields: string[] = [];

  null(): void {
    this.add(null);
  }

  boolean(value: boolean): void {
    this.add(value);
  }

  number(value: number): string | undefined {
    const isLong = Number.isSafeInteger(value) && (value > maxShortInteger || value < minShortInteger);
    this.add(isLong ? BigInt(value) : value);
    return undefined;
  }

  bigint(value: bigint): string | undefined {
    if (value < minInt64 || value > maxUint64) return 'is an integer of more than 64 bits';
    this.add(value >= minShortInteger && value <= maxShortInteger ? Number(value) : value);
    return undefined;
  }

  string(value: string): string | undefined {
    if (loneSurrogate.test(value)) return 'holds half of a surrogate pair, which has no UTF-8';
    this.add(value);
    return undefined;
  }

  date(value: Date): string | undefined {
    if (formatIsoTime(value) === undefined) return 'is an invalid date, or outside of the years 1 to 9999';
    this.add(new Date(value.getTime()));
    return undefined;
  }

  bytes(value: Buffer): string | undefined {
    this.add(value);
    return undefined;
  }

  typed({ text }: TypedValue): string | undefined {
    this.add(text);
    return undefined;
  }

  startArray(): void {
    this.start([]);
  }

  endArray(): void {
    this.open.pop();
  }

  startObject(): void {
    this.start({});
  }

  key(key: string): string | undefined {
    if (loneSurrogate.test(key)) return 'has a key with half of a surrogate pair, which has no UTF-8';
    this.fields.push(key);
    return undefined;
  }

  endObject(): void {
    this.open.pop();
  }

  private start(container: unknown[] | Record<string, unknown>): void {
    this.add(container);
    this.open.push(container);
  }

  private add(value: unknown): void {
    const parent = this.open.at(-1);
    if (parent === undefined) this.root = value;
    else if (Array.isArray(parent)) parent.push(value);
    else parent[this.fields.pop() as string] = value;
  }
}
