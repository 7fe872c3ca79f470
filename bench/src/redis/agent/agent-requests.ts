import type { Timed } from './timed.js';

/** What an agent can be asked for: parameters and answer of each operation. The Python agent knows the same. */
export interface AgentOperations {
  /** What must be known about its contender. */
  readonly note: (params: object) => string | null;
  /** Sends tasks one by one, so many at once. */
  readonly send: (params: { readonly count: number; readonly inFlight: number }) => Timed;
  /** Fills the queue, as fast as the contender can. */
  readonly fill: (params: { readonly count: number }) => null;
  /** The same with tasks that are due at a time; each carries it. Answers null where it can not delay. */
  readonly delay: (params: { readonly count: number; readonly dueMs: number }) => true | null;
  /** Runs tasks; the first `skip` and the start of the worker are not counted. */
  readonly drain: (params: {
    readonly count: number;
    readonly skip: number;
    readonly concurrency: number;
  }) => Timed;
  /** Runs tasks that carry the time at which they are due; answers how many milliseconds each began after it. */
  readonly late: (params: { readonly count: number; readonly concurrency: number }) => readonly number[];
  /** Starts a worker that stays. */
  readonly serve: (params: { readonly concurrency: number }) => null;
  /** Ends that worker. */
  readonly halt: (params: object) => null;
  /** Sends and waits for the result, one at a time; microseconds of each. Answers null without results. */
  readonly roundTrips: (params: {
    readonly count: number;
    readonly skip: number;
  }) => { readonly times: readonly number[]; readonly timed: Timed } | null;
}

export type AgentOperation = keyof AgentOperations;
export type ParamsOf<Name extends AgentOperation> = Parameters<AgentOperations[Name]>[0];
export type AnswerOf<Name extends AgentOperation> = ReturnType<AgentOperations[Name]>;

/** One line to an agent. */
export interface AgentRequest {
  readonly operation: AgentOperation;
  readonly params: object;
}

/** One line from an agent, with {@link answerMark} before it. */
export type AgentAnswer = { readonly answer: unknown } | { readonly error: string };

/** Tells answers from what libraries print. */
export const answerMark = 'bench-answer ';
