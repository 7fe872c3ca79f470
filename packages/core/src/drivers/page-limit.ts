import { OPTION_INVALID } from '../errors/config-errors.js';

/** Most entries of a page. */
const mostPerPage = 1000;

/** @throws LOVAGE_OPTION_INVALID */
export function checkedLimit(limit: number): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= mostPerPage) return limit;
  throw OPTION_INVALID.create({
    problems: [{ option: 'limit', expected: `an integer from 1 to ${mostPerPage}`, got: limit }],
  });
}
