import { SIGNATURE_INVALID } from '../errors/canvas-errors.js';
import type { SignatureJson } from '../message/signature-json.js';
import { makeGroup } from './signature-shape.js';

/** Whether it stands for a group, though it looks like a task. */
export const isChunks = ({ task, subtask_type: type }: SignatureJson): boolean =>
  task === 'celery.chunks' && type === null;

/** One task for each chunk: `celery.chunks` is sent as a group of `celery.starmap`. */
export function chunkGroup({ kwargs }: SignatureJson): SignatureJson {
  const { task, it, n } = kwargs as {
    readonly task: SignatureJson;
    readonly it: unknown;
    readonly n: unknown;
  };
  if (!Array.isArray(it) || typeof n !== 'number' || !(n >= 1))
    throw SIGNATURE_INVALID.create({
      problem: '"celery.chunks" needs an array "it" and a number "n" from 1',
    });
  const parts: SignatureJson[] = [];
  for (let from = 0; from < it.length; from += n)
    parts.push(mapJson('celery.starmap', task, it.slice(from, from + n)));
  return makeGroup(parts);
}

/** `celery.map` or `celery.starmap`: one message that runs a task for each item. */
export const mapJson = (
  name: 'celery.map' | 'celery.starmap',
  task: SignatureJson,
  it: readonly unknown[],
): SignatureJson => ({
  task: name,
  args: [],
  kwargs: { task, it },
  options: {},
  subtask_type: null,
  immutable: true,
});

export const chunksJson = (task: SignatureJson, it: readonly unknown[], n: number): SignatureJson => ({
  task: 'celery.chunks',
  args: [],
  kwargs: { task, it, n },
  options: {},
  subtask_type: null,
  immutable: true,
});
