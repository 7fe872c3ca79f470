import { durationMs, isLovageError, OPTION_INVALID, type OptionProblem, readFlow } from '@lovage/core';
import { isStandardSchema } from './standard-schema.js';
import type { TaskDecoratorOptions } from './task-decorator-options.js';

type Check = (value: unknown) => string | undefined;

const when =
  (holds: (value: unknown) => boolean, expected: string): Check =>
  (value) =>
    holds(value) ? undefined : expected;
const isText = (value: unknown): boolean =>
  typeof value === 'string' && value !== '' && Buffer.byteLength(value) <= 255;
const isPlainObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isCount = (value: unknown): boolean => Number.isInteger(value) && Number(value) >= 0;

const text = when(isText, 'text of 1 to 255 bytes');
const flag = when((value) => typeof value === 'boolean', 'true or false');
const duration: Check = (value) => {
  try {
    durationMs(value as never, '');
    return undefined;
  } catch (error) {
    if (!isLovageError(error)) throw error;
    return 'a number of seconds (0 or more) or text such as "500ms", "10s", "5m", "1h", "1d"';
  }
};
const isMatch = (value: unknown): boolean =>
  typeof value === 'function' || (typeof value === 'string' && value !== '');
const isRule = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && isMatch((value as { error?: unknown }).error);
const serializers = ['json', 'msgpack', 'yaml'];
const compressions = ['zlib', 'gzip', 'bzip2', 'lzma', 'brotli', 'zstd'];

/** Looked at by core, all four together. */
const flow: Check = () => undefined;

/** What each option of a task must be. `satisfies` makes a new option of core an error here until it is listed. */
const checks = {
  name: text,
  app: text,
  bind: flag,
  params: when(
    (value) => Array.isArray(value) && value.every((name) => typeof name === 'string'),
    'an array of parameter names',
  ),
  input: when(
    (value) =>
      Array.isArray(value) ? value.length > 0 && value.every(isStandardSchema) : isStandardSchema(value),
    'a Standard Schema (zod, valibot, arktype, …) or an array of them, one for each argument',
  ),
  queue: text,
  exchange: text,
  routingKey: text,
  priority: when((value) => isCount(value) && Number(value) <= 9, 'an integer from 0 to 9'),
  serializer: when((value) => serializers.includes(value as string), `one of ${serializers.join(', ')}`),
  compression: when((value) => compressions.includes(value as string), `one of ${compressions.join(', ')}`),
  expires: (value) =>
    value instanceof Date
      ? when(() => !Number.isNaN(value.getTime()), 'a valid date')(value)
      : duration(value),
  ignoreResult: flag,
  headers: when(isPlainObject, 'an object of plain values'),
  trackStarted: flag,
  maxRetries: when(
    (value) => value === null || isCount(value),
    'an integer of 0 or more, or null for no end',
  ),
  defaultRetryDelay: duration,
  autoretryFor: when(
    (value) =>
      value === true || (Array.isArray(value) && value.every((item) => isMatch(item) || isRule(item))),
    'true, or an array of error classes, names, functions and rules { error, delay, maxRetries }',
  ),
  dontRetryFor: when(
    (value) => Array.isArray(value) && value.every(isMatch),
    'an array of error classes, names and functions',
  ),
  retryBackoff: (value) =>
    typeof value === 'boolean' || typeof value === 'function' ? undefined : duration(value),
  retryBackoffMax: duration,
  retryJitter: flag,
  retryFor: duration,
  retryAfter: flag,
  timeLimit: duration,
  softTimeLimit: duration,
  acksLate: flag,
  acksOnFailureOrTimeout: flag,
  rejectOnWorkerLost: flag,
  storeErrorsEvenIfIgnored: flag,
  rateLimit: flow,
  concurrencyLimit: flow,
  unique: flow,
  debounce: flow,
} satisfies Record<keyof TaskDecoratorOptions, Check>;

/**
 * Validates what `@Task()` was given.
 *
 * @param source the method, for the error: `MathTasks.add`
 * @throws LOVAGE_OPTION_INVALID with all problems
 */
export function checkTaskOptions(source: string, options: TaskDecoratorOptions): void {
  const problems: OptionProblem[] = [];
  for (const [option, got] of Object.entries(options)) {
    if (got === undefined) continue;
    const check: Check | undefined = Object.hasOwn(checks, option)
      ? checks[option as keyof typeof checks]
      : undefined;
    const expected =
      check === undefined ? `absent: @Task() knows only ${Object.keys(checks).join(', ')}` : check(got);
    if (expected !== undefined) problems.push({ option: `@Task on ${source}: ${option}`, expected, got });
  }
  problems.push(...flowProblems(source, options));
  if (problems.length > 0) throw OPTION_INVALID.create({ problems });
}

function flowProblems(source: string, options: TaskDecoratorOptions): readonly OptionProblem[] {
  try {
    readFlow(source, options);
    return [];
  } catch (error) {
    if (!OPTION_INVALID.is(error)) throw error;
    return error.details.problems.map(({ option, expected, got }) => ({
      option: `@Task on ${source}: ${option.replace(` of the task ${source}`, '')}`,
      expected,
      got,
    }));
  }
}
