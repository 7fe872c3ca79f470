/** Where messages of a task go: `queue` alone, or `exchange` with `routingKey`. `priority` alone leaves that to others. */
export interface Route {
  readonly queue?: string;
  readonly exchange?: string;
  readonly routingKey?: string;
  readonly priority?: number;
}

/** Chooses a route for a call, or none. Must be pure and quick. */
export type RouteFunction = (call: {
  readonly task: string;
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
}) => Route | string | undefined;

/** Routes by task name: exact, a pattern with `*` (any characters), or a regular expression. A text alone names a queue. */
export type RouteTable =
  | Readonly<Record<string, Route | string>>
  | readonly (readonly [string | RegExp, Route | string])[];

/** A table, a function, or several of them; the first that has an answer wins. */
export type Routes = RouteTable | RouteFunction | readonly (RouteTable | RouteFunction)[];
