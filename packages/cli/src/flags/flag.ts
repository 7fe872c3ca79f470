/** An option of a command, which may also stand in the environment. */
export interface Flag<T = unknown> {
  /** As commander has it: `-c, --concurrency <number>`. */
  readonly flags: string;
  readonly env: string;
  readonly about: string;
  /** Reads the text of a value; throws an Error that says what it should be. Absent: the flag is there or not. */
  readonly read?: (text: string) => T;
}

/** The name under which commander keeps it: `maxTasksPerChild`. */
export function keyOf({ flags }: Flag): string {
  const long = /--([a-z-]+)/.exec(flags)?.[1] ?? '';
  return long.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
