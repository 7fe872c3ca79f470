import type { Deadline } from '../clock/deadline.js';
import { SERVICE_STOPPED } from '../errors/lifecycle-errors.js';

/**
 * Base of everything that runs.
 *
 * NEW       `start` moves to STARTING; `stop` moves to STOPPED at once.
 * STARTING  `start` returns the same promise; `stop` waits for it to end, then stops.
 * STARTED   `start` does nothing; `stop` moves to STOPPING.
 * STOPPING  `stop` returns the same promise; `start` is refused.
 * STOPPED   terminal: `stop` does nothing; `start` is refused with LOVAGE_SERVICE_STOPPED.
 *
 * A start that fails runs `onStop`, so that what was opened is closed, and leaves the service STOPPED.
 */
export abstract class Service {
  private starting: Promise<void> | undefined;
  private stopping: Promise<void> | undefined;
  private isStarted = false;
  private readonly stopRequest = new AbortController();

  /** @param serviceName shown in errors */
  protected constructor(readonly serviceName: string) {}

  /** Whether it runs: started, and nobody has asked it to stop. */
  get started(): boolean {
    return this.isStarted && this.stopping === undefined;
  }

  /** Whether somebody has asked it to stop. */
  get stopped(): boolean {
    return this.stopping !== undefined;
  }

  /** Resolves when it runs. */
  async start(): Promise<void> {
    if (this.stopping !== undefined) throw SERVICE_STOPPED.create({ service: this.serviceName });
    this.starting ??= this.startOnce();
    await this.starting;
  }

  /** Resolves when nothing of it is left. Work in hand may go on until `deadline`. */
  async stop(deadline: Deadline): Promise<void> {
    this.stopping ??= this.stopOnce(deadline);
    this.stopRequest.abort();
    await this.stopping;
  }

  /** Aborted as soon as somebody asks for a stop; a start that waits for something gives up on it. */
  protected get stopRequested(): AbortSignal {
    return this.stopRequest.signal;
  }

  protected abstract onStart(): Promise<void>;
  protected abstract onStop(deadline: Deadline): Promise<void>;
  /** Deadline for closing what a failed start has opened. */
  protected abstract deadlineAfterFailedStart(): Deadline;

  private async startOnce(): Promise<void> {
    try {
      await this.onStart();
      this.isStarted = true;
    } catch (error) {
      const closed = this.onStop(this.deadlineAfterFailedStart());
      // A `stop` that came meanwhile waits for this start to end, so it must not be waited for here.
      this.stopping ??= closed;
      await closed;
      throw error;
    }
  }

  private async stopOnce(deadline: Deadline): Promise<void> {
    if (this.starting === undefined) return;
    // A failed start is told to the one who started; here only its end matters.
    const ended = await this.starting.then(
      () => true,
      () => false,
    );
    if (ended) await this.onStop(deadline);
  }
}
