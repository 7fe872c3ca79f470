import { type Duration, durationMs } from '../clock/duration.js';
import { OPTION_INVALID, type OptionProblem } from '../errors/config-errors.js';
import { isLovageError } from '../errors/lovage-error.js';
import { isWireName } from '../message/wire-name.js';

/** Reads a bag of options, collecting every problem, so that all are told together. */
export class OptionReader {
  private readonly problems: OptionProblem[] = [];
  private readonly read = new Set<string>();
  private readonly bag: Readonly<Record<string, unknown>>;

  /** @param prefix stands before each name in messages, such as `worker.` */
  constructor(
    bag: object,
    private readonly prefix: string,
  ) {
    this.bag = bag as Readonly<Record<string, unknown>>;
  }

  text(name: string, fallback: string): string {
    return this.checked(
      name,
      fallback,
      'text that is not empty',
      (value): value is string => typeof value === 'string' && value !== '',
    );
  }

  /** A name on the wire: AMQP allows 255 bytes. */
  name(name: string, fallback: string): string {
    return this.checked(name, fallback, 'a name of 1 to 255 bytes', isWireName);
  }

  names(name: string, fallback: readonly string[]): readonly string[] {
    return this.checked(
      name,
      fallback,
      'an array of at least one name of 1 to 255 bytes',
      (value): value is readonly string[] =>
        Array.isArray(value) && value.length > 0 && value.every(isWireName),
    );
  }

  flag(name: string, fallback: boolean): boolean {
    return this.checked(name, fallback, 'true or false', (value) => typeof value === 'boolean');
  }

  integer(name: string, least: number, most: number, fallback: number): number {
    return this.checked(
      name,
      fallback,
      `an integer from ${least} to ${most}`,
      (value): value is number =>
        Number.isInteger(value) && (value as number) >= least && (value as number) <= most,
    );
  }

  oneOf<T extends string>(name: string, values: readonly T[], fallback: T): T {
    return this.checked(name, fallback, `one of ${values.join(', ')}`, (value): value is T =>
      values.includes(value as T),
    );
  }

  list(name: string): readonly unknown[] {
    return this.checked(name, [], 'an array', (value): value is readonly unknown[] => Array.isArray(value));
  }

  /** Milliseconds. */
  duration(name: string, fallback: Duration): number {
    return this.attempt(
      name,
      () => durationMs((this.bag[name] as Duration | undefined) ?? fallback, this.prefix + name),
      0,
    );
  }

  /** Milliseconds, or `undefined` where it is not given. */
  optionalDuration(name: string): number | undefined {
    return this.bag[name] === undefined ? undefined : this.duration(name, 0);
  }

  /** What `make` gives; where it throws, its error is kept as a problem. */
  attempt<T>(name: string, make: () => T, fallback: T): T {
    this.read.add(name);
    try {
      return make();
    } catch (error) {
      if (OPTION_INVALID.is(error)) this.problems.push(...error.details.problems);
      else this.problem(name, isLovageError(error) ? `valid: ${error.message}` : 'valid', this.bag[name]);
      return fallback;
    }
  }

  problem(name: string, expected: string, got: unknown): void {
    this.problems.push({ option: this.prefix + name, expected, got });
  }

  /** Options that are read elsewhere. */
  known(names: readonly string[]): void {
    for (const name of names) this.read.add(name);
  }

  /** Takes over what another reader has found, its unknown options included. */
  take(other: OptionReader): void {
    other.reportUnknown();
    this.problems.push(...other.problems);
  }

  /** @throws LOVAGE_OPTION_INVALID when there was any problem, or an option is unknown */
  finish(): void {
    this.reportUnknown();
    if (this.problems.length > 0) throw OPTION_INVALID.create({ problems: this.problems });
  }

  private reportUnknown(): void {
    for (const name of Object.keys(this.bag)) {
      if (this.read.has(name) || this.bag[name] === undefined) continue;
      this.problem(
        name,
        `absent, since it is no option (known: ${[...this.read].toSorted().join(', ')})`,
        this.bag[name],
      );
    }
  }

  private checked<T>(name: string, fallback: T, expected: string, valid: (value: unknown) => value is T): T {
    this.read.add(name);
    const value = this.bag[name];
    if (value === undefined) return fallback;
    if (valid(value)) return value;
    this.problem(name, expected, value);
    return fallback;
  }
}
