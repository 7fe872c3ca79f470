import { OPTION_INVALID } from '../errors/config-errors.js';

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** A length of time: a number of **seconds** (as everywhere in Celery), or text such as `500ms`, `10s`, `5m`, `1h`, `1d`, `2w`. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd' | 'w'}`;

/**
 * Milliseconds of a duration.
 *
 * @throws LOVAGE_OPTION_INVALID when it is negative, not finite, or no duration at all
 */
export function durationMs(value: Duration, option: string): number {
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value * 1000;
  const match = typeof value === 'string' ? /^(\d+(?:\.\d+)?)(ms|[smhdw])$/.exec(value) : null;
  const unit = match?.[2] === undefined ? undefined : unitMs[match[2]];
  if (unit !== undefined) return Number(match?.[1]) * unit;
  throw OPTION_INVALID.create({
    problems: [
      {
        option,
        expected: 'a number of seconds (0 or more) or text such as "500ms", "10s", "5m", "1h", "1d"',
        got: value,
      },
    ],
  });
}
