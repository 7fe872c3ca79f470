import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';

/**
 * Reads from its standard input what to clean up. "done" ends it peacefully; the end of input without "done" means that
 * the process which started us is gone (also by SIGKILL: the kernel closes its end of the pipe), so it cleans up.
 * A program that is just dying may still write into its folder: hence the repetition.
 */
const script = `
groups=
while read -r what value; do
  case $what in
    group) groups="$groups $value" ;;
    folder) set -- "$@" "$value" ;;
    done) exit 0 ;;
  esac
done
for group in $groups; do kill -s KILL -- "-$group"; done
for attempt in 1 2 3 4 5 6 7 8 9 10; do
  rm -rf -- "$@"
  left=
  for folder in "$@"; do [ -e "$folder" ] && left=1; done
  [ -z "$left" ] && exit 0
  sleep 0.2
done
`;

/**
 * A tiny shell process that outlives this one, for certain, by the moment that is needed to kill process groups and to
 * remove folders. It lives in a session of its own, so that neither Ctrl-C nor a kill of our group reaches it.
 */
export class ProcessGuardian {
  private released = false;

  private constructor(private readonly shell: ChildProcess) {
    // A guardian that cannot be started or reached only weakens the clean-up after a SIGKILL of this process.
    shell.on('error', () => undefined);
    shell.stdin?.on('error', () => undefined);
    // Its handles must not keep a finished test process alive.
    shell.unref();
    (shell.stdin as Socket | null)?.unref();
  }

  static start(): ProcessGuardian {
    return new ProcessGuardian(
      spawn('/bin/sh', ['-c', script, 'lovage-process-guardian'], {
        detached: true,
        stdio: ['pipe', 'ignore', 'ignore'],
        env: { PATH: '/usr/bin:/bin' },
        cwd: '/',
      }),
    );
  }

  /** Kill this process group when we are gone. */
  watchGroup(groupId: number): void {
    this.tell(`group ${groupId}`);
  }

  /** Remove this folder (absolute path, no newline in it) when we are gone. */
  watchFolder(path: string): void {
    this.tell(`folder ${path}`);
  }

  /** Ends the guardian; it then does nothing any more. Twice is legal. */
  release(): void {
    if (this.released) return;
    this.tell('done');
    this.released = true;
    this.shell.stdin?.end();
  }

  private tell(line: string): void {
    if (!this.released) this.shell.stdin?.write(`${line}\n`);
  }
}
