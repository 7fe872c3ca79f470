/** What the environment decides. The class is the token by which it is injected. */
export class Settings {
  /** 0: any free port. */
  readonly port!: number;
  readonly host!: string;
  /** URL of the broker. */
  readonly broker!: string;
  /** URL of the result store. */
  readonly results!: string;
  /** Folder for uploads; `undefined`: one below the folder for temporary files. */
  readonly uploads: string | undefined;
}

const wholeNumber = /^\d{1,5}$/;

/**
 * Reads PORT, HOST, LOVAGE_BROKER, LOVAGE_RESULTS and LOVAGE_UPLOADS; an empty variable counts as not set. The URLs are
 * checked by Lovage.
 *
 * @throws Error when PORT is no port
 */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const port = env['PORT'] || '3000';
  if (!wholeNumber.test(port) || Number(port) > 65_535) {
    throw new Error(`PORT must be a whole number from 0 to 65535, got "${port}".`);
  }
  // The embedded store: nothing to install, nothing kept when the process ends.
  const broker = env['LOVAGE_BROKER'] || 'memory://';
  return {
    port: Number(port),
    // Only this machine: the application has no login. HOST=0.0.0.0 opens it to the network.
    host: env['HOST'] || '127.0.0.1',
    broker,
    results: env['LOVAGE_RESULTS'] || broker,
    uploads: env['LOVAGE_UPLOADS'] || undefined,
  };
}

/** Whether waiting tasks are lost with this process, and their uploads are of no use to anybody else. */
export function tasksDieWithProcess({ broker }: Settings): boolean {
  return broker.startsWith('memory:');
}
