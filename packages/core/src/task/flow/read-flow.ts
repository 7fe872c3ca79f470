import { type Duration, durationMs } from '../../clock/duration.js';
import { OPTION_INVALID, type OptionProblem } from '../../errors/config-errors.js';
import type {
  ConcurrencyLimitOptions,
  DebounceOptions,
  FlowKey,
  FlowOptions,
  RateLimitOptions,
  UniqueOptions,
} from './flow-options.js';
import type { DebouncePlan, FlowPlan, PlacePlan, RatePlan, SlotPlan } from './flow-plan.js';
import { flowName } from './flow-name.js';
import { rateForm, rateIntervalMs } from './rate.js';

/** A place that was taken by a sender whose process then died is free again after this time at the latest. */
const longestUnsureMs = 30_000;

/** Whether a task has flow control; asked for each run of every task. */
export function hasFlow(options: FlowOptions): boolean {
  return (
    options.rateLimit !== undefined ||
    options.concurrencyLimit !== undefined ||
    options.unique !== undefined ||
    options.debounce !== undefined
  );
}

/**
 * Reads the flow control of a task.
 *
 * @returns `undefined`: it has none
 * @throws LOVAGE_OPTION_INVALID with all problems
 */
export function readFlow(taskName: string, options: FlowOptions): FlowPlan | undefined {
  if (!hasFlow(options)) return undefined;
  const reading = new Reading(taskName);
  const plan = reading.plan(options);
  if (reading.problems.length > 0) throw OPTION_INVALID.create({ problems: reading.problems });
  return plan;
}

const conflicts = {
  queued: ['return-existing', 'reject', 'replace'],
  running: ['wait', 'reject'],
  both: ['return-existing', 'reject', 'replace'],
} as const;

/** Reads the options of one task, collecting every problem. */
class Reading {
  readonly problems: OptionProblem[] = [];

  constructor(private readonly taskName: string) {}

  plan(options: FlowOptions): FlowPlan | undefined {
    const rate = this.rate(options.rateLimit);
    const cap = this.cap(options.concurrencyLimit);
    const unique = this.unique(options.unique);
    const debounce = this.debounce(options.debounce);
    const slots = [unique?.slot, cap].filter((slot) => slot !== undefined);
    const place = unique?.place;
    const needsLedger =
      rate?.shared === true || slots.length > 0 || place !== undefined || debounce !== undefined;
    if (!needsLedger && rate === undefined) return undefined;
    return { rate, slots, place, debounce, needsLedger };
  }

  private rate(given: FlowOptions['rateLimit']): RatePlan | undefined {
    if (given === undefined) return undefined;
    const options: RateLimitOptions = isBag(given) ? given : { limit: given };
    this.known('rateLimit', options, ['limit', 'shared', 'by', 'burst', 'failOpen']);
    const intervalMs = rateIntervalMs(options.limit);
    if (intervalMs === undefined) this.problem('rateLimit', rateForm, options.limit);
    const burst = this.count('rateLimit.burst', options.burst ?? 1, 1_000_000);
    const shared = this.flag('rateLimit.shared', options.shared);
    const failOpen = this.flag('rateLimit.failOpen', options.failOpen);
    const nameOf = flowName('rate', this.taskName, this.by('rateLimit.by', options.by) ?? 'task');
    return intervalMs ? { nameOf, intervalMs, burst, shared, failOpen } : undefined;
  }

  private cap(given: FlowOptions['concurrencyLimit']): SlotPlan | undefined {
    if (given === undefined) return undefined;
    const options: ConcurrencyLimitOptions = isBag(given) ? given : { limit: given };
    this.known('concurrencyLimit', options, ['limit', 'by', 'failOpen']);
    return {
      limit: this.count('concurrencyLimit', options.limit, 1000),
      nameOf: flowName('slot', this.taskName, this.by('concurrencyLimit.by', options.by) ?? 'task'),
      failOpen: this.flag('concurrencyLimit.failOpen', options.failOpen),
      reject: false,
    };
  }

  private unique(
    given: FlowOptions['unique'],
  ): { readonly slot: SlotPlan | undefined; readonly place: PlacePlan | undefined } | undefined {
    if (given === undefined || given === false) return undefined;
    const options: UniqueOptions = given === true ? {} : given;
    if (!isBag(options)) {
      this.problem('unique', 'true, false, or options', given);
      return undefined;
    }
    this.known('unique', options, ['by', 'while', 'onConflict', 'ttl', 'failOpen']);
    const during = options.while ?? 'both';
    if (!Object.hasOwn(conflicts, during)) {
      this.problem('unique.while', 'queued, running or both', during);
      return undefined;
    }
    const allowed: readonly string[] = conflicts[during];
    const onConflict = options.onConflict ?? allowed[0];
    if (!allowed.includes(onConflict as string))
      this.problem('unique.onConflict', `one of ${allowed.join(', ')} (while "${during}")`, onConflict);
    const ttlMs = this.time('unique.ttl', options.ttl ?? '1h');
    const by = this.by('unique.by', options.by) ?? 'arguments';
    const failOpen = this.flag('unique.failOpen', options.failOpen);
    return {
      slot:
        during === 'queued'
          ? undefined
          : {
              limit: 1,
              nameOf: flowName('one', this.taskName, by),
              failOpen,
              reject: during === 'running' && onConflict === 'reject',
            },
      place:
        during === 'running'
          ? undefined
          : {
              nameOf: flowName('unique', this.taskName, by),
              until: during === 'queued' ? 'begun' : 'ended',
              onConflict: onConflict as PlacePlan['onConflict'],
              ttlMs,
              unsureMs: Math.min(longestUnsureMs, ttlMs / 10),
              failOpen,
            },
    };
  }

  private debounce(given: FlowOptions['debounce']): DebouncePlan | undefined {
    if (given === undefined) return undefined;
    const options: DebounceOptions = isBag(given) ? given : { wait: given };
    this.known('debounce', options, ['wait', 'maxWait', 'by']);
    const waitMs = this.time('debounce.wait', options.wait);
    const maxWaitMs =
      options.maxWait === undefined ? undefined : this.time('debounce.maxWait', options.maxWait);
    if (maxWaitMs !== undefined && maxWaitMs < waitMs)
      this.problem('debounce.maxWait', 'at least "wait"', options.maxWait);
    const nameOf = flowName('debounce', this.taskName, this.by('debounce.by', options.by) ?? 'arguments');
    return { nameOf, waitMs, maxWaitMs };
  }

  private by(option: string, by: FlowKey | undefined): FlowKey | undefined {
    if (by !== undefined && typeof by !== 'function')
      this.problem(option, 'a function of the arguments that gives a text', by);
    return by;
  }

  private count(option: string, value: number, most: number): number {
    if (!Number.isInteger(value) || value < 1 || value > most)
      this.problem(option, `an integer from 1 to ${most}`, value);
    return value;
  }

  private flag(option: string, value: boolean | undefined): boolean {
    if (value !== undefined && typeof value !== 'boolean') this.problem(option, 'true or false', value);
    return value ?? false;
  }

  /** More than nothing. */
  private time(option: string, value: Duration): number {
    let ms = 0;
    try {
      ms = durationMs(value, option);
    } catch {
      // Told below, with what is wrong about 0, too.
    }
    if (ms <= 0) this.problem(option, 'a time above 0: seconds, or text such as "500ms", "10s", "5m"', value);
    return ms;
  }

  private known(option: string, bag: object, names: readonly string[]): void {
    for (const [name, value] of Object.entries(bag)) {
      if (names.includes(name)) continue;
      this.problem(`${option}.${name}`, `absent, since it is no option (known: ${names.join(', ')})`, value);
    }
  }

  private problem(option: string, expected: string, got: unknown): void {
    this.problems.push({ option: `${option} of the task ${this.taskName}`, expected, got });
  }
}

const isBag = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
