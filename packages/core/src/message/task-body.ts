import { MESSAGE_INVALID } from '../errors/message-errors.js';
import type { DecodeContext, EncodeContext } from './codec-context.js';
import type { Encoded } from './encoded.js';
import { scanJson } from './json-scan.js';
import { fromJson, toJson } from './json-serializer.js';
import { noEmbed, isNoEmbed } from './no-embed.js';
import { textOfRead, wasRead } from './read-signatures.js';
import { RepeatedEmbed } from './repeated-embed.js';
import type { Serializer } from './serializer.js';
import type { TaskMessage } from './task-message.js';
import { utf8Text } from './utf8-text.js';

/** How nearly every JSON body ends: nothing follows the task. As written here, and as Python writes it. */
const tail = ',{"callbacks":null,"errbacks":null,"chain":null,"chord":null}]';
const pythonTail = ', {"callbacks": null, "errbacks": null, "chain": null, "chord": null}]';

const repeated = new RepeatedEmbed();

/** Writes the body of protocol 2, `[args, kwargs, embed]`. */
export function writeTaskBody(message: TaskMessage, serializer: Serializer, context: EncodeContext): Encoded {
  const { args, kwargs, embed } = message;
  if (serializer.name !== 'json')
    return serializer.serialize([args, kwargs, embed], { ...context, where: 'body' });
  let text = `[${args.length === 0 ? '[]' : toJson(args, context, 1)},`;
  text += isEmpty(kwargs) ? '{}' : toJson(kwargs, { ...context, where: 'kwargs' }, 1);
  if (isNoEmbed(embed)) return text + tail;
  return `${text},${wasRead(embed) ? textOfRead(embed, context) : toJson(embed, { ...context, where: 'embed' }, 1)}]`;
}

function isEmpty(object: object): boolean {
  // reason: looks at the first key only, and makes no array of them.
  // oxlint-disable-next-line no-unreachable-loop, no-underscore-dangle
  for (const _key in object) return false;
  return true;
}

/** @returns the value of the body: `[args, kwargs, embed]` in protocol 2, an object in protocol 1 */
export function readTaskBody(body: Encoded, serializer: Serializer, context: DecodeContext): unknown {
  if (serializer.name !== 'json') return serializer.deserialize(body, context);
  const text = utf8Text(body, serializer.contentType, context);
  const { maxDepth } = context.limits;
  const tailLength = text.endsWith(tail) ? tail.length : text.endsWith(pythonTail) ? pythonTail.length : 0;
  const known = tailLength > 0 ? { value: noEmbed, length: tailLength } : repeated.find(text, maxDepth);
  if (known === undefined) {
    const value = fromJson(text, scanJson(body, 0, maxDepth), context);
    repeated.learn(text, value, maxDepth);
    return value;
  }
  // No text inside of the value can look like the tail, since the quotes in there are escaped.
  const head = `${text.slice(0, -known.length)}]`;
  const isAscii = tailLength > 0 && typeof body !== 'string';
  const found = isAscii ? scanJson(body, tailLength, maxDepth) : scanJson(head, 0, maxDepth);
  const value = fromJson(head, found, context);
  if (!Array.isArray(value) || value.length !== 2) {
    throw MESSAGE_INVALID.create({ ...context.identity, problem: 'the body is no array of three elements' });
  }
  value.push(known.value);
  return value;
}
