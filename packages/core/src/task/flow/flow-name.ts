import { createHash } from 'node:crypto';
import { FLOW_KEY_INVALID } from '../../errors/task-errors.js';
import { defaultMessageLimits } from '../../message/message-limits.js';
import { jsonSerializer } from '../../message/json-serializer.js';
import { encodedBytes } from '../../message/encoded.js';
import type { FlowKey } from './flow-options.js';
import type { FlowCall, NameOf } from './flow-plan.js';

/** Longer keys are kept as their hash, so that no caller makes names of any length. */
const longestKey = 100;

const hashOf = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('base64url');

/**
 * The function that gives the name under which a call counts.
 *
 * @param kind what the name is for, such as `rate`
 * @param by `'task'`: all calls of the task count together; `'arguments'`: calls with the same arguments
 */
export function flowName(kind: string, taskName: string, by: FlowKey | 'task' | 'arguments'): NameOf {
  const stem = `flow:${kind}:${taskName.length > longestKey ? `#${hashOf(taskName)}` : taskName}`;
  if (by === 'task') return () => stem;
  if (by === 'arguments') return ({ args, kwargs }) => `${stem}:#${hashOfArguments(taskName, args, kwargs)}`;
  return (call) => `${stem}:${boundedKey(keyOf(taskName, by, call))}`;
}

/** A key that a caller gives, bounded. */
export function boundedKey(key: string): string {
  return key.length > longestKey || key.startsWith('#') ? `#${hashOf(key)}` : key;
}

function keyOf(taskName: string, by: FlowKey, { args, kwargs }: FlowCall): string {
  let key: unknown;
  try {
    key = by(args, kwargs);
  } catch (error) {
    throw FLOW_KEY_INVALID.create({ taskName, problem: 'it threw' }, error);
  }
  if (typeof key === 'string' || (typeof key === 'number' && Number.isFinite(key))) return String(key);
  throw FLOW_KEY_INVALID.create({ taskName, problem: `it gave no text and no number but ${typeof key}` });
}

/** As they are on the wire, so that sender and worker make the same of them; the order of keyword arguments says nothing. */
function hashOfArguments(taskName: string, args: FlowCall['args'], kwargs: FlowCall['kwargs']): string {
  const names = Object.keys(kwargs).toSorted();
  const value = names.length === 0 ? args : [args, names, names.map((name) => kwargs[name])];
  const encoded = jsonSerializer.serialize(value, {
    limits: defaultMessageLimits,
    jsonTypes: 'typed',
    where: 'args',
    maxBytes: Number.MAX_SAFE_INTEGER,
    identity: { taskId: undefined, taskName },
  });
  return hashOf(encodedBytes(encoded));
}
