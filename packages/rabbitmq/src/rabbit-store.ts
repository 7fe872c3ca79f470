import { type Clock, type Deadline, type DriverContext, DEADLINE_PASSED } from '@lovage/core';
import { AmqpLink } from './connection/amqp-link.js';
import type { RabbitSettings } from './connection/rabbit-target.js';
import { WarningFilter } from './warning-filter.js';

/** Told what happens to a connection that several share. */
export interface LinkListener {
  readonly onLost?: () => void;
  readonly onReady?: () => void;
  readonly onBlocked?: (reason: string | undefined) => void;
  /** The result of a task was heard, in a state in which it stays. */
  readonly onAnswered?: (taskId: string) => void;
}

/**
 * One virtual host as the ports of one driver see it: the connection that they share for everything but consuming. Opened by the
 * first port, closed by the last.
 */
export class RabbitStore {
  readonly clock: Clock;
  readonly newId: () => string;
  /** Names this virtual host. */
  readonly storeId: string;
  private readonly listeners = new Set<LinkListener>();
  private link: AmqpLink;
  private readonly warnings: WarningFilter;
  private users = 0;
  /** Those of them that still want it. */
  private readonly wanting = new Set<object>();
  private opening: Promise<void> | undefined;

  constructor(
    readonly settings: RabbitSettings,
    context: DriverContext,
  ) {
    this.clock = context.clock;
    this.newId = context.newId;
    this.warnings = new WarningFilter(context.clock, (warning) => context.onWarning?.(warning));
    this.storeId = settings.target.address;
    this.link = this.sharedLink();
  }

  get address(): string {
    return this.settings.target.address;
  }

  /** Publishes and declares; the server blocks it when it runs out of memory, so nothing is consumed on it. */
  get publishing(): AmqpLink {
    return this.link;
  }

  /** Tells something that nobody waits for, and that an operator may want to know; the same at most once a minute. */
  warn(warning: unknown): void {
    this.warnings.warn(warning);
  }

  /** Told what happens to the connection for publishing; gives the function that ends it. */
  listen(listener: LinkListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Tells those who publish that the result of a task has come. */
  tellAnswered(taskId: string): void {
    this.tell((listener) => listener.onAnswered?.(taskId));
  }

  /** @param user for `leave` */
  async acquire(deadline: Deadline, user: object = {}): Promise<void> {
    this.users += 1;
    this.wanting.add(user);
    this.opening ??= this.open(deadline);
    try {
      await this.opening;
    } catch (error) {
      this.opening = undefined;
      await this.release(user, deadline);
      throw error;
    }
  }

  /** A user does not want any more what he still waits for. When nobody does it is given up. */
  leave(user: object): void {
    if (this.wanting.delete(user) && this.wanting.size === 0) this.link.destroy();
  }

  /** The last user's release closes the connection. */
  async release(user: object, deadline: Deadline): Promise<void> {
    this.users -= 1;
    this.wanting.delete(user);
    if (this.users > 0) return;
    const { link } = this;
    // After a failure, or when all ports were closed, a port may be opened (again).
    this.link = this.sharedLink();
    this.opening = undefined;
    this.wanting.clear();
    await link.close(deadline);
  }

  /** Drops the connection without a word, as the end of the process does. */
  destroy(): void {
    this.link.destroy();
  }

  /** A connection of its own to the same virtual host. */
  newLink(role: string, listener: LinkListener = {}): AmqpLink {
    return new AmqpLink({ target: this.settings.target, clock: this.clock, role, ...listener });
  }

  private sharedLink(): AmqpLink {
    return this.newLink('publish', {
      onLost: () => this.tell((listener) => listener.onLost?.()),
      onReady: () => this.tell((listener) => listener.onReady?.()),
      onBlocked: (reason) => this.tell((listener) => listener.onBlocked?.(reason)),
    });
  }

  private tell(what: (listener: LinkListener) => void): void {
    for (const listener of this.listeners) what(listener);
  }

  private async open(deadline: Deadline): Promise<void> {
    if (deadline.passed) throw DEADLINE_PASSED.create({ operation: `open of ${this.address}`, afterMs: 0 });
    await this.link.open(deadline);
  }
}
