/** Stands before a stamp where the ledger keeps it among revoked ids. */
const prefix = 'stamp:';
/** Stamps of one message that are looked at. */
const mostStamps = 100;

/** What stands for a stamp among revoked ids: all tasks that carry it are meant. */
export const stampId = (name: string, value: string): string => `${prefix}${name}=${value}`;

export const isStampId = (id: string): boolean => id.startsWith(prefix);

/** What stands for the stamps of a message; a stamp may have one value or several. */
export function stampIdsOf(stamps: Readonly<Record<string, unknown>>): readonly string[] {
  const ids: string[] = [];
  for (const name of Object.keys(stamps)) {
    const value = stamps[name];
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    for (const one of values) {
      if (ids.length >= mostStamps) return ids;
      if (typeof one === 'string' || typeof one === 'number' || typeof one === 'boolean')
        ids.push(stampId(name, String(one)));
    }
  }
  return ids;
}
