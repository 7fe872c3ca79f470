// npm runs a script through a shell. A signal sent to npm ends that shell and goes no further; the program would run on
// with nobody above it.
import { parentOf, programOf } from './process-identity.mjs';

const pollMs = 250;
const shells = new Set(['sh', 'ash', 'bash', 'busybox', 'dash', 'zsh']);

/** Sends this process SIGTERM when the npm that started it, or the shell between them, has died. */
export function endWithNpm() {
  if (process.env['npm_lifecycle_event'] === undefined) return;
  const parent = process.ppid;
  const npm = shells.has(programOf(parent)) ? parentOf(parent) : undefined;
  const timer = setInterval(() => {
    if (process.ppid === parent && (npm === undefined || parentOf(parent) === npm)) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  }, pollMs);
  timer.unref();
}
