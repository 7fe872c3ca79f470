import type { ChildEntry } from '@lovage/core';

/** What the parent of a pool hands over to a Nest child: the user's entry, and the name of the task app. */
export interface NestChildData extends ChildEntry {
  readonly app: string;
}
