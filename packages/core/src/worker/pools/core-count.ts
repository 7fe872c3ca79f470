import { availableParallelism } from 'node:os';

/** Cores that this process may use: as many children as a pool has where nothing else is said. */
export const coreCount = (): number => availableParallelism();
