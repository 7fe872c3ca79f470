const hints: Readonly<Record<string, string>> = {
  EADDRINUSE: 'Another program has this port. Stop that program, or choose another port: PORT=3001 npm start',
  EACCES: 'This user may not use this port. Choose one above 1023: PORT=3000 npm start',
  EADDRNOTAVAIL:
    'HOST is no address of this machine. 127.0.0.1 is this machine alone, 0.0.0.0 all its networks.',
  ENOTFOUND: 'HOST is not known. 127.0.0.1 is this machine alone, 0.0.0.0 all its networks.',
};

/** One line that says why the application does not start, and what to do. */
export function explainStartError(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  const hint = hints[code];
  return `The application could not be started: ${message}${hint === undefined ? '' : `. ${hint}`}`;
}
