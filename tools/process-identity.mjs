// Tells processes apart, also when the system has given the number of an ended one to another.
import { existsSync, readFileSync, readdirSync } from 'node:fs';

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

/** @returns undefined where the system does not tell, or when the process is gone */
export function parentOf(pid) {
  return statOf(pid)?.parent;
}

/** Numbers of the living processes of a process group, or undefined where the system does not tell. */
export function groupMembers(group) {
  if (!existsSync('/proc/self/stat')) return undefined;
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      const stat = statOf(pid);
      return stat !== undefined && stat.group === group && stat.state !== 'Z';
    })
    .map(Number);
}

/** Name of the program, shortened by the system to 15 characters. */
export function programOf(pid) {
  return statOf(pid)?.program;
}

function startTimeOf(pid) {
  const stat = statOf(pid);
  // A zombie has ended; its number stays taken until its parent asks for it.
  return stat?.state === 'Z' ? 'ended' : stat?.start;
}

/** The fields follow the program's name in brackets, which may itself hold blanks and brackets. */
function statOf(pid) {
  try {
    const line = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const end = line.lastIndexOf(')');
    const fields = line.slice(end + 2).split(' ');
    const program = line.slice(line.indexOf('(') + 1, end);
    return {
      program,
      state: fields[0],
      parent: Number(fields[1]),
      group: Number(fields[2]),
      start: fields[19],
    };
  } catch {
    return undefined;
  }
}
