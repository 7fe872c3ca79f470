import { type Duration, durationMs } from '../clock/duration.js';
import type { Consumer, Delivery } from '../ports/consumer.js';
import type { Stores } from '../stores/stores.js';
import {
  askerMailbox,
  controlExchange,
  type ControlRequest,
  controlTopology,
  readReply,
  replyExchange,
  replyQueue,
  requestMessage,
} from './control-messages.js';

/** Whom a command is for, and how long replies are waited for. */
export interface AskOptions {
  /** Names of workers, such as `celery@host`. Default: all. */
  readonly destination?: readonly string[] | undefined;
  /** Default 1 second, as in Celery; over sooner when all of `destination` have replied. */
  readonly timeout?: Duration | undefined;
}

/** Replies by the name of the worker. */
export type Replies = Readonly<Record<string, unknown>>;

interface Asked {
  readonly replies: Record<string, unknown>;
  readonly wanted: number;
  readonly enough: () => void;
}

const defaultTimeout: Duration = 1;

/** Sends Celery's control commands to workers of Lovage and of Python. */
export class RemoteControl {
  private declared: Promise<void> | undefined;
  private listening: Promise<Consumer> | undefined;
  private readonly asked = new Map<string, Asked>();
  private readonly askerId: string;
  private closed = false;

  constructor(
    private readonly stores: Stores,
    private readonly newId: () => string,
  ) {
    this.askerId = newId();
  }

  /** Whether the broker can reach all workers at once. */
  get possible(): boolean {
    return this.stores.broker.capabilities.exchangeTypes.includes('fanout');
  }

  /** Tells workers something; resolves when the broker has it. */
  async cast(
    method: string,
    args: ControlRequest['args'],
    options: { readonly destination?: readonly string[] | undefined; readonly recorded?: boolean } = {},
  ): Promise<void> {
    await this.declare();
    await this.send({
      ...bare,
      method,
      args,
      destination: options.destination,
      recorded: options.recorded ?? false,
    });
  }

  /** Asks workers something; gives what they reply in time. */
  async ask(method: string, args: ControlRequest['args'] = {}, options: AskOptions = {}): Promise<Replies> {
    const { destination, timeout = defaultTimeout } = options;
    const timeoutMs = durationMs(timeout, 'timeout');
    const { clock } = this.stores;
    await this.listen();
    const ticket = this.newId();
    const replies: Record<string, unknown> = {};
    let timer: { cancel(): void } | undefined;
    const over = new Promise<void>((resolve) => {
      this.asked.set(ticket, { replies, wanted: destination?.length ?? Infinity, enough: resolve });
    });
    try {
      const replyTo = { exchange: replyExchange, routingKey: this.askerId, ticket };
      await this.send({ ...bare, method, args, destination, replyTo }, clock.wallNow() + timeoutMs);
      await Promise.race([
        over,
        new Promise<void>((resolve) => {
          timer = clock.after(timeoutMs, resolve);
        }),
      ]);
    } finally {
      timer?.cancel();
      this.asked.delete(ticket);
    }
    return replies;
  }

  /** Which workers are there. */
  async ping(options?: AskOptions): Promise<Replies> {
    return await this.ask('ping', {}, options);
  }

  /** Sets the limits of a task in workers, for messages that say nothing else; absent: none. */
  async timeLimit(
    taskName: string,
    limits: { readonly hard?: Duration | undefined; readonly soft?: Duration | undefined },
    options?: AskOptions,
  ): Promise<Replies> {
    const { hard, soft } = limits;
    const args = { task_name: taskName, hard: secondsOf(hard), soft: secondsOf(soft) };
    return await this.ask('time_limit', args, options);
  }

  /** Sets the rate limit of a task in workers, such as `10/m`; `null`: none. */
  async rateLimit(taskName: string, rate: string | number | null, options?: AskOptions): Promise<Replies> {
    return await this.ask('rate_limit', { task_name: taskName, rate_limit: rate ?? '' }, options);
  }

  /** Ends listening for replies; twice is legal. */
  async close(): Promise<void> {
    this.closed = true;
    for (const { enough } of this.asked.values()) enough();
    const consumer = await this.listening?.catch(() => undefined);
    this.listening = undefined;
    await consumer?.close({ deadline: this.stores.deadline() });
  }

  private async declare(): Promise<void> {
    if (!this.stores.opened) await this.stores.open();
    this.declared ??= this.stores.broker.declare({
      topology: controlTopology,
      deadline: this.stores.deadline(),
    });
    await this.declared.catch((error: unknown) => {
      this.declared = undefined;
      throw error;
    });
  }

  private async send(request: ControlRequest, expiresMs?: number): Promise<void> {
    const publication = {
      message: requestMessage(request, expiresMs),
      exchange: controlExchange,
      routingKey: '',
    };
    await this.stores.broker.publish({ publications: [publication], deadline: this.stores.deadline() });
  }

  private async listen(): Promise<void> {
    if (!this.stores.opened) await this.stores.open();
    this.listening ??= this.openMailbox();
    await this.listening.catch((error: unknown) => {
      this.listening = undefined;
      throw error;
    });
    if (this.closed) await this.close();
  }

  private async openMailbox(): Promise<Consumer> {
    const { broker } = this.stores;
    await broker.declare({ topology: askerMailbox(this.askerId), deadline: this.stores.deadline() });
    return await broker.consume({
      consumerId: this.newId(),
      queues: [replyQueue(this.askerId)],
      prefetch: 1000,
      onDeliveries: (deliveries) => this.take(deliveries),
      onLost: () => undefined,
      deadline: this.stores.deadline(),
    });
  }

  private take(deliveries: readonly Delivery[]): void {
    for (const { message } of deliveries) this.hear(message);
    const settlements = deliveries.map(
      (delivery) => ({ delivery, verb: { kind: 'ack' }, results: [], publishes: [], joins: [] }) as const,
    );
    // What is not acknowledged comes again, and finds nobody who waits for it.
    this.stores.broker.settle({ settlements, deadline: this.stores.deadline() }).catch(() => undefined);
  }

  private hear(message: Delivery['message']): void {
    const reply = readReply(message);
    const asked = typeof reply?.ticket === 'string' ? this.asked.get(reply.ticket) : undefined;
    if (reply === undefined || asked === undefined) return;
    for (const [node, value] of Object.entries(reply.nodes))
      Object.defineProperty(asked.replies, node, {
        value,
        enumerable: true,
        configurable: true,
        writable: true,
      });
    if (Object.keys(asked.replies).length >= asked.wanted) asked.enough();
  }
}

const bare = {
  destination: undefined,
  pattern: undefined,
  matcher: undefined,
  replyTo: undefined,
  recorded: false,
};

const secondsOf = (span: Duration | undefined): number | null =>
  span === undefined ? null : durationMs(span, 'limit') / 1000;
