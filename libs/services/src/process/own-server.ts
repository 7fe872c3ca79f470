import type { TestCertificates } from '../tls/test-certificates.js';
import type { ServerProcess } from './server-process.js';
import type { StopDeadline } from './stop-deadline.js';

/** A server of a test's own: started, stopped, killed, paused and started again, until it is closed. */
export abstract class OwnServer<Process extends ServerProcess<unknown>> {
  protected abstract readonly process: Process;

  protected constructor(protected readonly certificates: TestCertificates | undefined) {}

  /** For clients. Fixed by the first `start`. */
  abstract get port(): number;

  /** With TLS: the authority to trust, in PEM. Undefined without. */
  get ca(): string | undefined {
    return this.certificates?.ca;
  }

  /** Folder with its configuration and its data. Removed by `close`. */
  get folder(): string {
    return this.process.folder;
  }

  /** Process id. */
  get pid(): number {
    return this.process.pid;
  }

  get running(): boolean {
    return this.process.running;
  }

  /** What it logged since it was last started. */
  get log(): string {
    return this.process.log;
  }

  /**
   * Resolves when it serves. Legal while it runs, and after `stop` and `kill`.
   *
   * @throws ServiceError PROGRAM_NOT_STARTED when it is not installed; PROGRAM_EXITED, with its log, when it does not like its
   *   configuration; PROGRAM_STOPPED after `close`, or when it is stopped meanwhile
   */
  async start(): Promise<void> {
    await this.process.start();
  }

  /** SIGTERM: it ends in order; then, after the deadline (default 10 s, RabbitMQ 30 s), SIGKILL. Its folder stays. */
  async stop(deadline?: StopDeadline): Promise<void> {
    await this.process.stop(deadline);
  }

  /** SIGKILL, as a crash would end it. Its folder stays. */
  async kill(): Promise<void> {
    await this.process.kill();
  }

  /** SIGSTOP: it answers nobody, and the kernel goes on accepting connections for it. */
  pause(): void {
    this.process.signal('SIGSTOP');
  }

  /** SIGCONT. */
  resume(): void {
    this.process.signal('SIGCONT');
  }

  /** Stops it for good and removes its folder. Twice, and before a start, is legal. */
  async close(): Promise<void> {
    await this.process.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
