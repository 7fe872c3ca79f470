/** No error is believed for longer: a wrong header must not park a task for years. */
const longestMs = 86_400_000;
const seconds = /^\s*\d+(?:\.\d+)?\s*$/;

/**
 * Delay that an error asks for: `retryAfter` on it, or the header `Retry-After` of it or of its `response` (an object of headers, or
 * one with `get`). Seconds, a date, or the text of either.
 *
 * @returns milliseconds from `nowMs`, at most one day; `undefined`: it says nothing that can be read
 */
export function retryAfterMs(error: unknown, nowMs: number): number | undefined {
  try {
    if (typeof error !== 'object' || error === null) return undefined;
    const { retryAfter, headers, response } = error as Record<string, unknown>;
    const value = retryAfter ?? headerOf(headers) ?? headerOf((response as HasHeaders)?.headers);
    const delayMs = delayOf(value, nowMs);
    return delayMs === undefined ? undefined : Math.min(longestMs, Math.max(0, delayMs));
  } catch {
    // It throws when it is read.
    return undefined;
  }
}

type HasHeaders = { readonly headers?: unknown } | null | undefined;

function headerOf(headers: unknown): unknown {
  if (typeof headers !== 'object' || headers === null) return undefined;
  const { get } = headers as { get?: unknown };
  if (typeof get === 'function')
    return (get as (name: string) => unknown).call(headers, 'retry-after') ?? undefined;
  const fields = headers as Record<string, unknown>;
  return fields['retry-after'] ?? fields['Retry-After'];
}

function delayOf(value: unknown, nowMs: number): number | undefined {
  if (value instanceof Date) return known(value.getTime() - nowMs);
  if (typeof value === 'number') return known(value * 1000);
  if (typeof value !== 'string' || value.length > 100) return undefined;
  return known(seconds.test(value) ? Number(value) * 1000 : Date.parse(value) - nowMs);
}

const known = (ms: number): number | undefined => (Number.isFinite(ms) ? ms : undefined);
