/** States that end a task; Celery's READY_STATES. */
const finalStates: ReadonlySet<string> = new Set(['SUCCESS', 'FAILURE', 'REVOKED']);

/** Whether a record may take the place of a stored one; see `ResultStore.put`. */
export function mayReplace(storedState: string, newState: string): boolean {
  if (storedState === 'SUCCESS') return false;
  return !finalStates.has(storedState) || finalStates.has(newState);
}
