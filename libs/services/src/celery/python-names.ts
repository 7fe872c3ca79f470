/** Renames the keys of one level, `softTimeLimit` → `soft_time_limit`; drops what is undefined. */
export function toPythonNames(record: object): Record<string, unknown> {
  return rename(record, (name) => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
}

/** Renames the keys of one level, `soft_time_limit` → `softTimeLimit`. */
export function fromPythonNames(record: object): Record<string, unknown> {
  return rename(record, (name) => name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()));
}

function rename(record: object, newName: (name: string) => string): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(record)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [newName(name), value as unknown]),
  );
}
