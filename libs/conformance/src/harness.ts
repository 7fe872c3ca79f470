import type { Broker, Clock, Deadline, Driver, Inspector, Ledger, ResultStore } from '@lovage/core';

/**
 * What a case is run with: a fresh private store, and processes that use it. Each driver has one; the cases know nothing
 * else of it.
 */
export interface Harness {
  readonly clock: Clock;
  /** Workers of cases execute in children of a pool; absent: on the event loop of their process. */
  readonly pool?: 'children';
  /** The ports of a first process, open. */
  readonly view: Driver;
  /** The ports of one more process on the same store, open. In truth it may live in this process, with connections of its own. */
  another(): Promise<Driver>;
  /**
   * Ends a process as `kill -9` does: nothing is closed, nothing is given back, nothing of it is called any more. What it
   * had in hand comes back as soon as the broker can know; where that takes time, the harness makes that time short.
   */
  crash(view: Driver): Promise<void>;
  /**
   * Takes from a living process what its consumers have in hand, as an expired lease or a cut connection does.
   * `impossible`: nothing can do that with this technology, and the case expects that nothing is ever lost.
   */
  loseClaims(view: Driver): Promise<'lost' | 'impossible'>;
  /** Lets time pass: at least `ms`. Virtual where the driver takes its time from `clock`, real elsewhere. */
  advance(ms: number): Promise<void>;
  /** Lets happen what is under way, so that a case can find that something did not happen. Takes no time of the clock. */
  quiet(): Promise<void>;
  /** Waits until the probe is true; fails with `what` when it does not become so. */
  eventually(what: string, probe: () => boolean | Promise<boolean>): Promise<void>;
  /** A name that nobody else uses, with `stem` in it unchanged. */
  name(stem: string): string;
  /** A deadline that no case reaches. */
  deadline(): Deadline;
  /** Closes all views; fails when something of them is left. */
  dispose(): Promise<void>;
}

/** Makes a harness for each case. */
export interface HarnessFactory {
  /** Technology and arrangement, for the names of the suites: `memory`, `redis, sentinel`. */
  readonly name: string;
  create(): Promise<Harness>;
}

const missing = (port: string): Error =>
  new Error(`this driver has no ${port}: do not run the suite of the ${port} for it`);

/** The broker of a view; a suite is only run for drivers that have its port. */
export function brokerOf(view: Driver): Broker {
  if (view.broker === undefined) throw missing('broker');
  return view.broker;
}

export function resultsOf(view: Driver): ResultStore {
  if (view.results === undefined) throw missing('result store');
  return view.results;
}

export function ledgerOf(view: Driver): Ledger {
  if (view.ledger === undefined) throw missing('ledger');
  return view.ledger;
}

export function inspectorOf(view: Driver): Inspector {
  if (view.inspector === undefined) throw missing('inspector');
  return view.inspector;
}

/** Whether broker and result store of a view commit settlements together. */
export function isAtomic({ broker, results }: Driver): boolean {
  return broker?.capabilities.atomicSettle === true && results?.storeId === broker.storeId;
}
