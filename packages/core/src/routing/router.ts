import { OPTION_INVALID } from '../errors/config-errors.js';
import type { SendOptions } from '../task/task-options.js';
import { isRoute, routeForm } from './check-routes.js';
import type { Route, RouteFunction, Routes, RouteTable } from './routes.js';

const none: ReadonlySet<string> = new Set();

/** Where one message goes. */
export interface Destination {
  /** `''`: the routing key names the queue. */
  readonly exchange: string;
  readonly routingKey: string;
  /** Priority that the route gives; the call's own wins. */
  readonly priority?: number | undefined;
}

/** What a route function is asked about. */
export interface RoutedCall {
  readonly task: string;
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
}

/** Chooses the destination of a call: the call's own options, then `routes`, then the task's options, then the default queue. */
export class Router {
  private readonly rules: readonly RouteFunction[];
  private readonly fixed: Destination;
  /** Routes from tables depend on the name alone, so each name is looked up once. */
  private readonly remembered = new Map<string, Route | undefined>();
  private readonly rememberable: boolean;

  /** Queues that are exchanges in truth: each worker binds one of its own. */
  private readonly broadcasts: ReadonlySet<string>;

  constructor(options: {
    readonly routes?: Routes | undefined;
    readonly defaultQueue: string;
    readonly broadcasts?: ReadonlySet<string> | undefined;
  }) {
    this.broadcasts = options.broadcasts ?? none;
    const parts = partsOf(options.routes);
    this.rules = parts.map((part) => (typeof part === 'function' ? part : tableRule(part)));
    this.rememberable = parts.every((part) => typeof part !== 'function');
    this.fixed = this.toQueue(options.defaultQueue, undefined);
  }

  /** @throws LOVAGE_OPTION_INVALID for what can be no destination */
  route(call: RoutedCall, own: SendOptions, task: SendOptions | undefined): Destination {
    const first = this.chosen(own);
    if (first !== undefined) return first;
    const route = this.routeOf(call);
    const routed = route === undefined ? undefined : this.chosen(route);
    if (routed !== undefined) return routed;
    const rest = (task === undefined ? undefined : this.chosen(task)) ?? this.fixed;
    // A route may say how urgent a task is, and nothing of where it goes.
    return route?.priority === undefined ? rest : { ...rest, priority: route.priority };
  }

  private routeOf(call: RoutedCall): Route | undefined {
    if (this.rules.length === 0) return undefined;
    return this.rememberable ? this.recall(call) : this.ask(call);
  }

  private recall(call: RoutedCall): Route | undefined {
    if (this.remembered.has(call.task)) return this.remembered.get(call.task);
    const route = this.ask(call);
    // Names come from code, but a bug may make them up without end.
    if (this.remembered.size >= 10_000) this.remembered.clear();
    this.remembered.set(call.task, route);
    return route;
  }

  private ask(call: RoutedCall): Route | undefined {
    for (const rule of this.rules) {
      // Of functions without types null is as good an answer as none.
      const found: Route | string | null | undefined = rule(call);
      if (found === undefined || found === null) continue;
      if (!isRoute(found)) throw noRoute(`routes for task "${call.task}"`, found);
      return typeof found === 'string' ? { queue: found } : found;
    }
    return undefined;
  }

  private chosen(options: Route | SendOptions): Destination | undefined {
    const { exchange, routingKey = '', priority } = options;
    if (exchange !== undefined) {
      if (typeof exchange !== 'string' || typeof routingKey !== 'string')
        throw noRoute('exchange with routingKey', { exchange, routingKey });
      return { exchange, routingKey, priority };
    }
    return options.queue === undefined ? undefined : this.toQueue(options.queue, options.priority);
  }

  private toQueue(queue: string, priority: number | undefined): Destination {
    return this.broadcasts.has(queue)
      ? { exchange: queue, routingKey: '', priority }
      : { exchange: '', routingKey: queue, priority };
  }
}

const noRoute = (option: string, got: unknown): Error =>
  OPTION_INVALID.create({ problems: [{ option, expected: routeForm, got }] });

function partsOf(routes: Routes | undefined): readonly (RouteTable | RouteFunction)[] {
  if (routes === undefined) return [];
  if (!Array.isArray(routes)) return [routes as RouteTable | RouteFunction];
  // A list of [pattern, route] pairs is one table; any other list is a list of tables and functions.
  const isTable = routes.every(
    (entry: unknown) => Array.isArray(entry) && (typeof entry[0] === 'string' || entry[0] instanceof RegExp),
  );
  return isTable ? [routes as RouteTable] : (routes as readonly (RouteTable | RouteFunction)[]);
}

function tableRule(table: RouteTable): RouteFunction {
  const rows = (Array.isArray(table) ? table : Object.entries(table)) as readonly (readonly [
    string | RegExp,
    Route | string,
  ])[];
  const exact = new Map<string, Route | string>();
  const patterns: (readonly [RegExp, Route | string])[] = [];
  for (const [pattern, route] of rows) {
    if (typeof pattern !== 'string') patterns.push([pattern, route]);
    else if (pattern.includes('*')) patterns.push([globPattern(pattern), route]);
    else if (!exact.has(pattern)) exact.set(pattern, route);
  }
  return ({ task }) => exact.get(task) ?? patterns.find(([pattern]) => matches(pattern, task))?.[1];
}

/** With the flags `g` and `y` an expression goes on where its last search has ended. */
function matches(pattern: RegExp, task: string): boolean {
  pattern.lastIndex = 0;
  return pattern.test(task);
}

/** `*` stands for any characters, dots included, as in Celery's `task_routes`. */
function globPattern(glob: string): RegExp {
  const parts = glob.split(/\*+/).map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's');
}
