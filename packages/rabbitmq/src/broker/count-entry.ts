import { objectIn } from '../log/object-in.js';
import type { CountOperation } from './count-book.js';

/** The stream in which all consumers of a virtual host note what they have taken back. */
export const countLogName = 'lovage.deliveries';

/** Notes of one process, in the order in which they were made. */
export interface CountEntry {
  /** Names the process. */
  readonly author: string;
  /** Rises with each entry of an author, from 1. */
  readonly sequence: number;
  readonly operations: readonly CountOperation[];
}

export const writeCountEntry = (entry: CountEntry): Buffer => Buffer.from(JSON.stringify(entry));

/** `undefined` for what is none: anybody may write into the log. Notes of a kind that is not known are left out. */
export function readCountEntry(content: Buffer): CountEntry | undefined {
  const { author, sequence, operations } = objectIn(content) ?? {};
  if (typeof author !== 'string' || !Number.isSafeInteger(sequence) || !Array.isArray(operations))
    return undefined;
  return { author, sequence: sequence as number, operations: operations.filter(isOperation) };
}

function isOperation(operation: unknown): operation is CountOperation {
  if (!Array.isArray(operation)) return false;
  const [kind, key, number, handed] = operation as readonly unknown[];
  if (typeof key !== 'string') return false;
  if (kind === 'known')
    return Number.isSafeInteger(number) && (number as number) >= 0 && (handed === 0 || handed === 1);
  if (kind === 'taken') return number === undefined || Number.isSafeInteger(number);
  return kind === 'gone';
}
