import { appOptionNames, type Duration, durationMs, isLovageError, type OptionProblem } from '@lovage/core';

type Checks = Readonly<Record<string, (value: unknown, option: string) => readonly OptionProblem[]>>;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const when =
  (holds: (value: unknown) => boolean, expected: string) =>
  (got: unknown, option: string): readonly OptionProblem[] =>
    holds(got) ? [] : [{ option, expected, got }];

const flag = when((value) => typeof value === 'boolean', 'true or false');
const text = when((value) => typeof value === 'string' && value !== '', 'text that is not empty');
const list = when(Array.isArray, 'an array');
const any = (): readonly OptionProblem[] => [];

const duration = (got: unknown, option: string): readonly OptionProblem[] => {
  try {
    durationMs(got as never, option);
    return [];
  } catch (error) {
    if (!isLovageError(error)) throw error;
    return (error.details as { readonly problems: readonly OptionProblem[] }).problems;
  }
};

/** `true`, `false`, or an object of known options. */
const flagOr =
  (what: string, checks: Checks) =>
  (got: unknown, option: string): readonly OptionProblem[] => {
    if (typeof got === 'boolean') return [];
    return isObject(got)
      ? unknownOrWrong(got, checks, `${option}.`)
      : [{ option, expected: `true, false, or ${what}`, got }];
  };

function unknownOrWrong(
  bag: Readonly<Record<string, unknown>>,
  checks: Checks,
  prefix: string,
): readonly OptionProblem[] {
  return Object.entries(bag).flatMap(([name, got]) => {
    if (got === undefined) return [];
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
    return (
      check?.(got, prefix + name) ?? [
        { option: prefix + name, expected: `absent: known are ${Object.keys(checks).join(', ')}`, got },
      ]
    );
  });
}

/** A shorter time between two signs of life would leave a server no time for anything else. */
const shortestHeartbeatMs = 1000;

const heartbeat = (got: unknown, option: string): readonly OptionProblem[] => {
  const problems = duration(got, option);
  if (problems.length > 0 || durationMs(got as Duration, option) >= shortestHeartbeatMs) return problems;
  return [{ option, expected: 'one second or longer', got }];
};

/** Options of the endpoints' behaviour. */
const endpointChecks = { maxWait: duration, heartbeat, showTraceback: flag };

const checkHttp = flagOr('the options of the endpoints', {
  ...endpointChecks,
  path: text,
  schedules: when(
    (value) => typeof value === 'boolean' || (typeof value === 'string' && value !== ''),
    'true, false, or a path',
  ),
  version: any,
  guards: list,
  imports: list,
});

const checkLogger = flagOr('the options of logging', {
  prefix: flag,
  events: when(
    (value) => ['all', 'problems', 'none'].includes(value as string),
    'one of all, problems, none',
  ),
});

const extraChecks: Checks = { name: text, isGlobal: flag, http: checkHttp };

/** Core's options, which core itself checks, and those of logging. */
const queueChecks: Checks = {
  ...Object.fromEntries(appOptionNames.map((name) => [name, any])),
  logger: checkLogger,
};

const late = when(
  () => false,
  'given to forRootAsync itself, beside useFactory: routes and tokens are made before a factory is called',
);

const lateChecks: Checks = Object.fromEntries(Object.keys(extraChecks).map((name) => [name, late]));

/** Problems of options that only this package knows, or nobody; core tells those of the others. */
export function moduleOptionProblems(options: object): readonly OptionProblem[] {
  return unknownOrWrong(options as Readonly<Record<string, unknown>>, { ...queueChecks, ...extraChecks }, '');
}

/** Problems of what stands beside `useFactory`, `useClass` or `useExisting`. */
export function asyncOptionProblems(options: object): readonly OptionProblem[] {
  const sources = ['useFactory', 'useClass', 'useExisting'].filter(
    (name) => (options as Record<string, unknown>)[name] !== undefined,
  );
  const wrong = unknownOrWrong(
    options as Record<string, unknown>,
    { ...extraChecks, imports: list, inject: list, useFactory: any, useClass: any, useExisting: any },
    '',
  );
  if (sources.length === 1) return wrong;
  const got = sources.join(', ') || undefined;
  return [
    ...wrong,
    { option: 'forRootAsync', expected: 'exactly one of useFactory, useClass, useExisting', got },
  ];
}

/** Problems of what a factory gave: of logging, unknown options, and those that the module had to know before. */
export function factoryOptionProblems(options: object): readonly OptionProblem[] {
  return unknownOrWrong(options as Readonly<Record<string, unknown>>, { ...queueChecks, ...lateChecks }, '');
}

/** Problems of what a controller of the user's own gives to `TaskHttpController`. */
export function endpointOptionProblems(options: object): readonly OptionProblem[] {
  return unknownOrWrong(options as Record<string, unknown>, endpointChecks, '');
}
