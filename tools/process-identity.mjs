// Names a process so that a number which the system gave to another process later is not taken for it.
import { readFileSync } from 'node:fs';

/** @returns `pid` or, where the system tells, `pid@start time` */
export function identityOf(pid) {
  const start = startTimeOf(pid);
  return start === undefined ? String(pid) : `${pid}@${start}`;
}

export function isAlive(identity) {
  const pid = Number(identity.split('@')[0]);
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it is there and belongs to somebody else.
    if (error.code !== 'EPERM') return false;
  }
  return identityOf(pid) === identity;
}

/** Clock ticks after boot; field 22 of the line, of which field 2 (the name) may hold blanks and brackets. */
function startTimeOf(pid) {
  try {
    const line = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state, ...rest] = line.slice(line.lastIndexOf(')') + 2).split(' ');
    // A zombie has ended; its number stays taken until its parent asks for it.
    return state === 'Z' ? 'ended' : rest[18];
  } catch {
    return undefined;
  }
}
