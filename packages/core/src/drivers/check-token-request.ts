import { OPTION_INVALID } from '../errors/config-errors.js';
import type { TokenRequest } from '../ports/ledger.js';

/** @throws LOVAGE_OPTION_INVALID when the request could never be granted */
export function checkTokenRequest({ tokens, capacity, refillPerSecond }: TokenRequest): void {
  const problems = [];
  if (!(capacity > 0 && Number.isFinite(capacity)))
    problems.push({ option: 'capacity', expected: 'a number above 0', got: capacity });
  if (!(tokens > 0 && tokens <= capacity))
    problems.push({ option: 'tokens', expected: 'above 0 and at most the capacity', got: tokens });
  if (!(refillPerSecond > 0 && Number.isFinite(refillPerSecond)))
    problems.push({ option: 'refillPerSecond', expected: 'a number above 0', got: refillPerSecond });
  if (problems.length > 0) throw OPTION_INVALID.create({ problems });
}
