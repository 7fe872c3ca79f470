import { type Deadline, type DriverContext, DriverStore } from '@lovage/core';
import { AmqpLink } from './connection/amqp-link.js';
import { checkServer } from './connection/check-server.js';
import type { RabbitSettings } from './connection/rabbit-target.js';

/** Told what happens to a connection that several share. */
export interface LinkListener {
  readonly onLost?: () => void;
  readonly onReady?: () => void;
  readonly onBlocked?: (reason: string | undefined) => void;
  /** The result of a task was heard, in a state in which it stays. */
  readonly onAnswered?: (taskId: string) => void;
}

/**
 * One virtual host as the ports of one driver see it: the connection that they share for everything but consuming.
 */
export class RabbitStore extends DriverStore {
  /** Names this virtual host. */
  readonly storeId: string;
  private readonly listeners = new Set<LinkListener>();
  private link: AmqpLink;

  constructor(
    readonly settings: RabbitSettings,
    context: DriverContext,
  ) {
    super(context);
    this.storeId = settings.target.address;
    this.link = this.sharedLink();
  }

  override get address(): string {
    return this.settings.target.address;
  }

  /** Publishes and declares; the server blocks it when it runs out of memory, so nothing is consumed on it. */
  get publishing(): AmqpLink {
    return this.link;
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

  /** Drops the connection without a word, as the end of the process does. */
  destroy(): void {
    this.link.destroy();
  }

  /** A connection of its own to the same virtual host. */
  newLink(role: string, listener: LinkListener = {}): AmqpLink {
    const { outage, clock } = this;
    return new AmqpLink({ target: this.settings.target, outage, clock, role, ...listener });
  }

  protected override async begin(deadline: Deadline): Promise<void> {
    checkServer(this.address, await this.link.open(deadline));
  }

  protected override giveUp(): void {
    this.link.destroy();
  }

  protected override async end(deadline: Deadline): Promise<void> {
    const { link } = this;
    this.link = this.sharedLink();
    await link.close(deadline);
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
}
