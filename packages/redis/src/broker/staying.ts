import type { StayingMessage } from './publication-groups.js';

/** A consumer with room for what follows its settlements. */
export interface Host {
  /** Its lease. */
  readonly owner: string;
  /** Most messages that it takes. */
  readonly room: number;
}

/** What stays with the consumer that has settled. */
export interface Stayed {
  readonly messages: readonly StayingMessage[];
  /** False: no task of this database is revoked. */
  readonly revoked: false | undefined;
}
