import { type Flag, keyOf } from './flag.js';

const flagValues: Readonly<Record<string, boolean>> = { true: true, '1': true, false: false, '0': false };

/**
 * Options that stand in the environment. An empty variable counts as not set.
 *
 * @returns values by key, and a sentence for each that can not be
 */
export function readEnvironment(
  flags: readonly Flag[],
  env: NodeJS.ProcessEnv,
): { readonly values: Readonly<Record<string, unknown>>; readonly problems: readonly string[] } {
  const values: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const flag of flags) {
    const text = env[flag.env];
    if (text === undefined || text === '') continue;
    try {
      values[keyOf(flag)] = flag.read === undefined ? readFlag(text) : flag.read(text);
    } catch (error) {
      // The text may hold a password.
      problems.push(`${flag.env}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { values, problems };
}

function readFlag(text: string): boolean {
  const value = Object.hasOwn(flagValues, text) ? flagValues[text] : undefined;
  if (value === undefined) throw new Error('expected true or false');
  return value;
}
