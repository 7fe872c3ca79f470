import type { Clock } from '../clock/clock.js';
import { Deadline } from '../clock/deadline.js';
import { OPTION_INVALID } from '../errors/config-errors.js';
import { SERVICE_STOPPED } from '../errors/lifecycle-errors.js';
import { isWireName } from '../message/wire-name.js';
import type { Broker } from '../ports/broker.js';
import type { Inspector } from '../ports/inspector.js';
import type { Ledger } from '../ports/ledger.js';
import type { ResultStore } from '../ports/result-store.js';
import type { Topology } from '../ports/topology.js';

export interface StoresOptions {
  readonly clock: Clock;
  readonly broker: Broker;
  /** `undefined`: no results are kept. */
  readonly results: ResultStore | undefined;
  readonly ledger: Ledger | undefined;
  readonly inspector: Inspector | undefined;
  /** Declared when the stores are opened. */
  readonly topology: Topology;
  /** Longest time for one call. */
  readonly timeoutMs: number;
}

/** The ports of one app: opened together at the first use, closed together. */
export class Stores {
  readonly clock: Clock;
  readonly broker: Broker;
  readonly results: ResultStore | undefined;
  readonly ledger: Ledger | undefined;
  readonly inspector: Inspector | undefined;
  /** A broker and a result store that commit a settlement together. */
  readonly atomic: boolean;
  private opening: Promise<void> | undefined;
  private closing: Promise<void> | undefined;
  private isOpen = false;
  private readonly declaredQueues: Set<string>;
  private readonly declaring = new Map<string, Promise<void>>();

  constructor(private readonly options: StoresOptions) {
    this.clock = options.clock;
    this.broker = options.broker;
    this.results = options.results;
    this.ledger = options.ledger;
    this.inspector = options.inspector;
    this.atomic =
      options.broker.capabilities.atomicSettle &&
      (options.results === undefined || options.results.storeId === options.broker.storeId);
    this.declaredQueues = new Set(options.topology.queues?.map((queue) => queue.name));
  }

  /** Whether `open` has ended; asked on the hot path in place of a promise. */
  get opened(): boolean {
    return this.isOpen;
  }

  /** A deadline for one call. */
  deadline(): Deadline {
    return Deadline.in(this.clock, this.options.timeoutMs);
  }

  /** Opens once; after a failure the next call tries again. */
  async open(): Promise<void> {
    if (this.closing !== undefined) throw SERVICE_STOPPED.create({ service: 'the task client' });
    this.opening ??= this.openAll().catch((error: unknown) => {
      this.opening = undefined;
      throw error;
    });
    await this.opening;
  }

  /** Whether a queue has been declared by this app. */
  declared(queue: string): boolean {
    return this.declaredQueues.has(queue);
  }

  /**
   * Declares a queue once.
   *
   * @throws LOVAGE_OPTION_INVALID for what can not name one: calls and routes may hold anything
   */
  async declareQueue(name: string): Promise<void> {
    if (this.declaredQueues.has(name)) return;
    if (!isWireName(name)) {
      throw OPTION_INVALID.create({
        problems: [{ option: 'queue', expected: 'a name of 1 to 255 bytes', got: name }],
      });
    }
    let declaring = this.declaring.get(name);
    if (declaring === undefined) {
      declaring = this.broker
        .declare({ topology: { queues: [{ name }] }, deadline: this.deadline() })
        .then(() => {
          this.declaredQueues.add(name);
        })
        .finally(() => this.declaring.delete(name));
      this.declaring.set(name, declaring);
    }
    await declaring;
  }

  /** Closes everything; twice is legal, also while `open` goes on. */
  async close(deadline: Deadline): Promise<void> {
    this.closing ??= this.closeAll(deadline);
    await this.closing;
  }

  private async openAll(): Promise<void> {
    const deadline = this.deadline();
    await Promise.all([
      this.broker.open({ deadline }),
      this.results?.open({ deadline }),
      this.ledger?.open({ deadline }),
      this.inspector?.open({ deadline }),
    ]);
    await this.broker.declare({ topology: this.options.topology, deadline: this.deadline() });
    this.isOpen = true;
  }

  private async closeAll(deadline: Deadline): Promise<void> {
    // An opening that fails has been told to whoever opened; here only its end matters.
    await this.opening?.catch(() => undefined);
    this.isOpen = false;
    await Promise.all([
      this.broker.close({ deadline }),
      this.results?.close({ deadline }),
      this.ledger?.close({ deadline }),
      this.inspector?.close({ deadline }),
    ]);
  }
}
