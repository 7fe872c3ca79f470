import type { HealthFlags } from '../flags/common-flags.js';
import { keepHealthFile } from './health-file.js';
import { HealthServer } from './health-server.js';

/** Tells the outside whether a process does what it is for, in the ways that its flags ask for. */
export class Health {
  private readonly server: HealthServer | undefined;
  private removeFile: (() => void) | undefined;

  constructor(
    private readonly flags: HealthFlags,
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

  /** It does what it is for. */
  ready(): void {
    const { healthFile } = this.flags;
    if (healthFile !== undefined) this.removeFile = keepHealthFile(healthFile, this.complain);
  }

  /** It does so no more; the port goes on answering until the end. */
  ending(): void {
    this.removeFile?.();
  }

  close(): void {
    this.ending();
    this.server?.close();
  }
}
