import { defineError } from './define-error.js';

/** Present on every error about one message, as far as the message could be read. */
export interface MessageIdentity {
  /** Task id, where the message had one. */
  readonly taskId?: string | undefined;
  /** Task name, where the message had one. */
  readonly taskName?: string | undefined;
}

const of = ({ taskId, taskName }: MessageIdentity): string =>
  taskName === undefined && taskId === undefined
    ? 'message'
    : `message of task ${taskName ?? '?'} (${taskId ?? 'no id'})`;

export const MESSAGE_INVALID = defineError<MessageIdentity & { readonly problem: string }>(
  'LOVAGE_MESSAGE_INVALID',
  'A message is no task message of protocol 1 or 2, or one of its fields has a wrong type.',
  (d) => `${of(d)}: ${d.problem}. It was not executed; correct the program that published it.`,
);

export const CONTENT_REFUSED = defineError<
  MessageIdentity & { readonly contentType: string; readonly accepted: readonly string[] }
>(
  'LOVAGE_CONTENT_REFUSED',
  'The content type of a message is unknown or not in acceptContent. Python pickle is always refused.',
  (d) =>
    `${of(d)}: content type "${d.contentType}" is not accepted (accepted: ${d.accepted.join(', ')}). ` +
    (d.contentType === 'application/x-python-serialize'
      ? 'Python pickle runs code when it is read and is never accepted; send json instead.'
      : 'Send another serializer, or add this one to acceptContent.'),
);

export const BODY_UNDECODABLE = defineError<
  MessageIdentity & {
    readonly contentType: string;
    readonly compression?: string | undefined;
    readonly problem: string;
  }
>(
  'LOVAGE_BODY_UNDECODABLE',
  'The body of a message could not be decompressed or parsed as its content type says.',
  (d) =>
    `${of(d)}: the body is no ${d.contentType}${d.compression ? ` compressed as ${d.compression}` : ''}: ${d.problem}. ` +
    'It was not executed; correct the program that published it.',
);

export const COMPRESSION_UNKNOWN = defineError<
  MessageIdentity & { readonly compression: string; readonly install?: string | undefined }
>(
  'LOVAGE_COMPRESSION_UNKNOWN',
  'A compression method is unknown, or its optional library is not installed.',
  (d) =>
    `${of(d)}: compression "${d.compression}" is not available here. ` +
    (d.install ? `Install it: npm install ${d.install}` : 'Known: zlib, gzip, bzip2, lzma, brotli, zstd.'),
);

export const SERIALIZER_UNKNOWN = defineError<{
  readonly serializer: string;
  readonly known: readonly string[];
}>(
  'LOVAGE_SERIALIZER_UNKNOWN',
  'A serializer name is not known.',
  (d) => `serializer "${d.serializer}" is not known. Known: ${d.known.join(', ')}.`,
);

export const MESSAGE_TOO_LARGE = defineError<
  MessageIdentity & {
    readonly bytes: number;
    readonly limit: number;
    readonly stage: 'encoded' | 'decompressed';
  }
>(
  'LOVAGE_MESSAGE_TOO_LARGE',
  'A message body is larger than limits.maxBytes, or grows beyond limits.maxDecompressedBytes.',
  (d) =>
    `${of(d)}: ${d.stage} body has ${d.stage === 'decompressed' ? 'more than ' : ''}${d.bytes} bytes, the limit is ${d.limit}. ` +
    'Store the data elsewhere and send its address, or raise the limit.',
);

export const MESSAGE_TOO_DEEP = defineError<MessageIdentity & { readonly limit: number }>(
  'LOVAGE_MESSAGE_TOO_DEEP',
  'Arguments or results are nested deeper than limits.maxDepth.',
  (d) =>
    `${of(d)}: values are nested deeper than ${d.limit} levels. Flatten the data, or raise limits.maxDepth.`,
);

export const HOSTILE_KEY = defineError<MessageIdentity & { readonly key: string }>(
  'LOVAGE_HOSTILE_KEY',
  'A body or header holds a key that could change an object\'s prototype, such as "__proto__".',
  (d) =>
    `${of(d)}: the key "${d.key}" is refused, since it could change an object's prototype. Rename the key.`,
);

export const VALUE_UNSERIALIZABLE = defineError<
  MessageIdentity & { readonly serializer: string; readonly where: string; readonly problem: string }
>(
  'LOVAGE_VALUE_UNSERIALIZABLE',
  'An argument or a result can not be written by the serializer (function, cycle, throwing getter, …).',
  (d) =>
    `${of(d)}: ${d.where} can not be written as ${d.serializer}: ${d.problem}. Use plain data: objects, arrays, text, numbers, dates.`,
);

export const messageErrors = [
  MESSAGE_INVALID,
  CONTENT_REFUSED,
  BODY_UNDECODABLE,
  COMPRESSION_UNKNOWN,
  SERIALIZER_UNKNOWN,
  MESSAGE_TOO_LARGE,
  MESSAGE_TOO_DEEP,
  HOSTILE_KEY,
  VALUE_UNSERIALIZABLE,
];
