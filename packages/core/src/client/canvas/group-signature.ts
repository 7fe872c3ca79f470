import type { GroupResult } from '../group-result.js';
import { Signature } from './signature.js';

/** A group: its members run side by side; it gives the array of their values. */
// oxlint-disable-next-line no-explicit-any
export class GroupSignature<
  Outs extends readonly unknown[],
  In extends readonly any[] = any[],
> extends Signature<Outs, In, GroupResult<Outs>> {
  /** For the compiler only: in a group or in the header of a chord its members are members themselves. */
  declare readonly members: true;
}
