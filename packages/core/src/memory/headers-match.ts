import type { TopologyArguments } from '../ports/topology.js';

/**
 * Whether the headers of a message have what a binding of a headers exchange asks for: all of its arguments, or any of them with
 * `x-match: any`. Arguments that begin with `x-` ask for nothing. Without any others `all` finds every message and `any` none.
 */
export function matchesHeaders(
  wanted: TopologyArguments,
  headers: Readonly<Record<string, unknown>>,
): boolean {
  const found = ([name, value]: readonly [string, unknown]): boolean =>
    Object.hasOwn(headers, name) && headers[name] === value;
  const asked = Object.entries(wanted).filter(([name]) => !name.startsWith('x-'));
  return wanted['x-match'] === 'any' ? asked.some(found) : asked.every(found);
}
