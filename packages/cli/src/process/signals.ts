/** Ways in which a process is asked to end. */
export interface ShutdownActions {
  /** Take no more, let run what runs until the deadline. */
  readonly warm: (signal: string) => void;
  /** End at once: what runs is cut, and its messages go back. */
  readonly cold: (signal: string) => void;
}

/**
 * The signals of a command, as Celery has them:
 *
 * - SIGTERM (systemd, Docker, Kubernetes, supervisord, pm2) and SIGINT (Ctrl-C): warm; the second one of either is cold.
 * - SIGQUIT: cold.
 * - SIGHUP: the terminal is gone; warm, since nobody restarts a command that lost its terminal.
 *
 * @returns ends the listening
 */
export function listenToSignals(
  { warm, cold }: ShutdownActions,
  from: NodeJS.EventEmitter = process,
): () => void {
  let asked = false;
  const first = (signal: string): void => {
    if (asked) {
      cold(signal);
      return;
    }
    asked = true;
    warm(signal);
  };
  const quit = (signal: string): void => {
    asked = true;
    cold(signal);
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) from.on(signal, first);
  from.on('SIGQUIT', quit);
  return () => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) from.off(signal, first);
    from.off('SIGQUIT', quit);
  };
}
