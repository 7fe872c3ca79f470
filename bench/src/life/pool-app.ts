import { type AppOptions, TaskApp } from '@lovage/core';

/** The application that is measured; made in this process and once more in each child. */
export async function poolApp(options: AppOptions = {}): Promise<TaskApp> {
  const app = await TaskApp.create(options);
  app.registry.add({
    name: 'math.add',
    run: ([x, y]) => Number(x) + Number(y),
    options: {},
    source: 'bench',
  });
  app.registry.add({
    name: 'math.primes',
    run: ([below]) => primesBelow(Number(below)),
    options: {},
    source: 'bench',
  });
  return app;
}

/** Plain computation, some milliseconds of it. */
export function primesBelow(end: number): number {
  let found = 0;
  for (let candidate = 2; candidate < end; candidate += 1) {
    let divisor = 2;
    while (divisor * divisor <= candidate && candidate % divisor !== 0) divisor += 1;
    if (divisor * divisor > candidate) found += 1;
  }
  return found;
}
