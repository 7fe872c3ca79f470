import { Random } from './random.js';

/** Name of the task that all runs execute. Its argument is the time it takes, in milliseconds. */
export const taskName = 'accounting.work';
/** The queue that all runs use. */
export const queueName = 'accounting';

/** What an id looks like, to be found in whatever a broker keeps. */
export const idPattern = /[\da-f]{8}-acc0-4000-8000-[\da-f]{12}/;

/** Id of the task with this number, from 0. The seed tells runs apart. */
export function taskIdOf(seed: number, number: number): string {
  return `${hex(seed, 8)}-acc0-4000-8000-${hex(number, 12)}`;
}

/** The number in an id. */
export function numberOf(id: string): number {
  return Number.parseInt(id.slice(-12), 16);
}

/** How long a task works: 5 to 50 ms, and one of a hundred 1 to 2 s. */
export function workMsOf(seed: number, number: number): number {
  const random = new Random(Math.imul(seed ^ 0x9e3779b9, 2654435761) + number);
  return random.next() < 0.01 ? random.between(1000, 2000) : random.between(5, 50);
}

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');
