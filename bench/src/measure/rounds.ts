/** What one contender did over all rounds. */
export interface Measured {
  readonly name: string;
  /** Operations a second: median of the rounds. */
  readonly perSecond: number;
  readonly slowest: number;
  readonly fastest: number;
  /** Further columns: title → text. */
  readonly details?: Readonly<Record<string, string>>;
}

export interface Contender {
  readonly name: string;
  /** Does `count` operations. */
  readonly run: (count: number) => void | Promise<void>;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? 0)
    : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

export function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}

/**
 * Measures contenders in turn, round by round, so that a machine that becomes slower in between touches all alike. The
 * first round warms up and is not counted.
 */
export async function inTurn(
  contenders: readonly Contender[],
  options: { readonly rounds: number; readonly count: number },
): Promise<Measured[]> {
  const rates = contenders.map((): number[] => []);
  for (let round = 0; round <= options.rounds; round += 1) {
    for (const [index, contender] of contenders.entries()) {
      const begin = performance.now();
      await contender.run(options.count);
      const seconds = (performance.now() - begin) / 1000;
      if (round > 0) rates[index]?.push(options.count / seconds);
    }
  }
  return contenders.map(({ name }, index) => {
    const all = rates[index] ?? [];
    return { name, perSecond: median(all), slowest: Math.min(...all), fastest: Math.max(...all) };
  });
}
