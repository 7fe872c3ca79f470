import type { WallMs } from '../../clock/clock.js';

/** Which call of a debounced task is the last: the owner of the lease of its key. */
export interface LastCall {
  /** When it is to run. */
  readonly atMs: number;
  /** When the first call of the window came. */
  readonly firstMs: number;
  readonly taskId: string;
}

export const lastCallText = ({ atMs, firstMs, taskId }: LastCall): string => `${atMs} ${firstMs} ${taskId}`;

/** @returns `undefined` for what is no last call */
export function readLastCall(owner: string): LastCall | undefined {
  const match = /^(\d+(?:\.\d+)?) (\d+(?:\.\d+)?) (.+)$/s.exec(owner);
  if (match === null) return undefined;
  return { atMs: Number(match[1]), firstMs: Number(match[2]), taskId: match[3] as string };
}

/** Whether `other` comes after a call of the same key, so that this one need not run. */
export const supersedes = (
  other: LastCall,
  call: { readonly atMs: WallMs | number; readonly taskId: string },
): boolean => other.taskId !== call.taskId && other.atMs > call.atMs;
