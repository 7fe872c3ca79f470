import { rmSync, utimesSync, writeFileSync } from 'node:fs';

/** How often the file is touched: a probe may take a worker for dead whose file is older than a few of these. */
const touchEveryMs = 5000;

/**
 * A file that is there while a worker takes tasks, and young while its event loop turns.
 *
 * @returns takes it away; twice is legal
 */
export function keepHealthFile(path: string, onProblem: (problem: string) => void): () => void {
  const tell = (what: string, error: unknown): void =>
    onProblem(
      `the health file ${path} could not be ${what}: ${error instanceof Error ? error.message : String(error)}`,
    );
  const write = (): void => writeFileSync(path, `${process.pid}\n`);
  // A path that can not be written is a mistake of whoever started the worker, and a reason not to start.
  write();
  const timer = setInterval(() => {
    try {
      const now = new Date();
      utimesSync(path, now, now);
    } catch {
      try {
        write();
      } catch (error) {
        tell('written', error);
      }
    }
  }, touchEveryMs);
  timer.unref();
  return () => {
    clearInterval(timer);
    try {
      rmSync(path, { force: true });
    } catch (error) {
      tell('removed', error);
    }
  };
}
