import { type ControlCommand, ok } from '../control-command.js';

/** `pool_grow(n=1)`: children, or slots of a pool without. */
export const poolGrow: ControlCommand = {
  name: 'pool_grow',
  run: ({ worker, args }) => {
    worker.resizePool(countOf(args['n']));
    return ok('pool will grow');
  },
};

/** `pool_shrink(n=1)`. */
export const poolShrink: ControlCommand = {
  name: 'pool_shrink',
  run: ({ worker, args }) => {
    worker.resizePool(-countOf(args['n']));
    return ok('pool will shrink');
  },
};

/** @throws RangeError, which is the reply */
function countOf(n: unknown = 1): number {
  if (typeof n === 'number' && Number.isInteger(n) && n >= 0 && n <= 1000) return n;
  throw new RangeError('n must be an integer from 0 to 1000');
}
