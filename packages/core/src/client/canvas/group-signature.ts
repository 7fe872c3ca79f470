import type { Anything } from './signature-types.js';
import type { GroupResult } from '../group-result.js';
import { Signature } from './signature.js';

/** A group: its members run side by side; it gives the array of their values. */
export class GroupSignature<
  Outs extends readonly unknown[],
  In extends Anything = Anything,
> extends Signature<Outs, In, GroupResult<Outs>> {
  /** For the compiler only: in a group or in the header of a chord its members are members themselves. */
  declare readonly members: true;
}
