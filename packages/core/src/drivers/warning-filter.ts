import type { Clock, MonoMs } from '../clock/clock.js';

/** Time for which a warning is not repeated. */
const quietMs = 60_000;
/** Texts that are remembered. */
const mostTexts = 100;

/** Passes each warning on at most once a minute: what goes wrong with one claim goes wrong with all of them. */
export class WarningFilter {
  private readonly told = new Map<string, MonoMs>();

  constructor(
    private readonly clock: Clock,
    private readonly tell: (warning: Error) => void,
  ) {}

  warn(warning: unknown): void {
    const error = warning instanceof Error ? warning : new Error(String(warning));
    const now = this.clock.monoNow();
    const before = this.told.get(error.message);
    if (before !== undefined && now - before < quietMs) return;
    this.told.delete(error.message);
    this.told.set(error.message, now);
    if (this.told.size > mostTexts) {
      const [oldest] = this.told.keys();
      if (oldest !== undefined) this.told.delete(oldest);
    }
    this.tell(error);
  }
}
