/** Sends a signal to a whole process group. False when nobody is left in it. */
export function signalGroup(groupId: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(-groupId, signal);
    return true;
  } catch {
    // ESRCH: nobody left. EPERM can only mean that the number belongs to somebody else by now: nobody of ours is left.
    return false;
  }
}
