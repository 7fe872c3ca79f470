/** What the environment decides. The class is the token by which it is injected. */
export class Settings {
  /** 0: any free port. */
  readonly port!: number;
  readonly host!: string;
  /** URL of the broker. */
  readonly broker!: string;
  /** URL of the result store. */
  readonly results!: string;
  /** Whether tasks are executed in this process. */
  readonly worker!: boolean;
  /** Whether periodic tasks are sent by this process. */
  readonly beat!: boolean;
  /** Folder for uploads; `undefined`: one below the folder for temporary files. */
  readonly uploads: string | undefined;
}

const wholeNumber = /^\d{1,5}$/;

/**
 * Reads PORT, HOST, LOVAGE_BROKER, LOVAGE_RESULTS, LOVAGE_WORKER, LOVAGE_BEAT and LOVAGE_UPLOADS; an empty variable counts as not set. The
 * URLs are checked by Lovage.
 *
 * @throws Error when PORT is no port, or LOVAGE_WORKER or LOVAGE_BEAT neither true nor false
 */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const port = env['PORT'] || '3000';
  if (!wholeNumber.test(port) || Number(port) > 65_535) {
    throw new Error(`PORT must be a whole number from 0 to 65535, got "${port}".`);
  }
  // The embedded store: nothing to install, nothing kept when the process ends.
  const broker = env['LOVAGE_BROKER'] || 'memory://';
  const worker = env['LOVAGE_WORKER'] || String(isEmbedded(broker));
  if (worker !== 'true' && worker !== 'false') {
    throw new Error(`LOVAGE_WORKER must be "true" or "false", got "${worker}".`);
  }
  const beat = env['LOVAGE_BEAT'] || String(isEmbedded(broker));
  if (beat !== 'true' && beat !== 'false') {
    throw new Error(`LOVAGE_BEAT must be "true" or "false", got "${beat}".`);
  }
  return {
    port: Number(port),
    // Only this machine: the application has no login. HOST=0.0.0.0 opens it to the network.
    host: env['HOST'] || '127.0.0.1',
    broker,
    results: env['LOVAGE_RESULTS'] || broker,
    // With a broker on the network, workers are processes of their own: npm run worker.
    worker: worker === 'true',
    // As many as you like: one of them leads.
    beat: beat === 'true',
    uploads: env['LOVAGE_UPLOADS'] || undefined,
  };
}

/** Whether waiting tasks are lost with this process, and their uploads are of no use to anybody else. */
export function tasksDieWithProcess({ broker }: Settings): boolean {
  return isEmbedded(broker);
}

const isEmbedded = (broker: string): boolean => broker.startsWith('memory:');
