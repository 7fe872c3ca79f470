/** What options do not say and the process does. */
export interface Surroundings {
  /** Host name, for the names of workers and queues. */
  readonly host: string;
  /** A new random id. */
  readonly newId: () => string;
}
