/** Names of the catalogue, `programs.json` of this package. */
export type ProgramName = 'celery' | 'chromium' | 'rabbitmq-server' | 'redis-server';

/** What is known of an outside program on this machine. */
export interface ProgramReport {
  readonly name: string;
  /** For people, such as "Chromium, the web browser". */
  readonly title: string;
  /** `installed`: it was missing and has just been installed. */
  readonly status: 'available' | 'installed' | 'missing';
  /** Absolute path of what to run. */
  readonly executable: string;
  /** The command that would install it on a Debian system. */
  readonly install: string;
  /** Of a missing one: why it was not installed. */
  readonly reason?: string;
}
