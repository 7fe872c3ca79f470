import type { WorkerFlags } from '../flags/worker-flags.js';
import { keepHealthFile } from './health-file.js';
import { HealthServer } from './health-server.js';

/** Tells the outside whether a worker takes tasks, in the ways that its flags ask for. */
export class Health {
  private readonly server: HealthServer | undefined;
  private removeFile: (() => void) | undefined;

  constructor(
    private readonly flags: Pick<WorkerFlags, 'healthFile' | 'healthPort' | 'healthHost'>,
    isReady: () => boolean,
    private readonly complain: (text: string) => void,
  ) {
    const { healthPort: port, healthHost: host = '0.0.0.0' } = flags;
    this.server = port === undefined ? undefined : new HealthServer({ port, host, ready: isReady });
  }

  /** From now on somebody answers. */
  async open(): Promise<void> {
    await this.server?.open();
  }

  /** Tasks are taken. */
  ready(): void {
    const { healthFile } = this.flags;
    if (healthFile !== undefined) this.removeFile = keepHealthFile(healthFile, this.complain);
  }

  /** Tasks are not taken any more; the port goes on answering until the end. */
  ending(): void {
    this.removeFile?.();
  }

  close(): void {
    this.ending();
    this.server?.close();
  }
}
