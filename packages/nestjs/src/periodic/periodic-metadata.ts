import type { PeriodicSource } from './periodic-source.js';
import type { PeriodicDecoratorOptions } from './periodic-source.js';

/** A text key, so that two copies of this package in one process understand each other. */
const metadataKey = 'lovage:periodic';

/** One `@Periodic()` of a method. */
export interface PeriodicMetadata {
  readonly source: PeriodicSource;
  readonly options: PeriodicDecoratorOptions;
}

/** Keeps one more schedule at a method. Decorators run from the last to the first, so it comes before those that are there. */
export function addPeriodicMetadata(target: object, method: string, metadata: PeriodicMetadata): void {
  Reflect.defineMetadata(metadataKey, [metadata, ...readPeriodicMetadata(target, method)], target, method);
}

/**
 * The schedules of a method, in the order in which they are written.
 *
 * @param owner the prototype that has the method as its own
 */
export function readPeriodicMetadata(owner: object, method: string): readonly PeriodicMetadata[] {
  // reason: metadata is untyped; only `addPeriodicMetadata` writes this key.
  return (
    (Reflect.getOwnMetadata(metadataKey, owner, method) as readonly PeriodicMetadata[] | undefined) ?? []
  );
}
