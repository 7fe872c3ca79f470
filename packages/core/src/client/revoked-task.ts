/** What became of a task that was revoked, as far as it was known then. */
export interface RevokedTask {
  readonly taskId: string;
  /**
   * - `recorded`: it will not begin. One that runs goes on, or has been asked to end, see `terminate`.
   * - `over`: it has ended, before or because of this: `state` says how.
   */
  readonly outcome: 'recorded' | 'over';
  /** PENDING where nothing is stored. */
  readonly state: string;
}
