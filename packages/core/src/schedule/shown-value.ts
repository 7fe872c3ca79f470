/** A value as an error shows it: short, and whatever it is. */
export function shownValue(value: unknown): string {
  if (typeof value === 'number' || value === undefined) return String(value);
  if (value instanceof Date && Number.isNaN(value.getTime())) return 'an invalid date';
  try {
    return (JSON.stringify(value) ?? `a ${typeof value}`).slice(0, 200);
  } catch {
    return `a ${typeof value}`;
  }
}
