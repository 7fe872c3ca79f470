import { Deadline } from '../clock/deadline.js';
import { Service } from '../lifecycle/service.js';
import type { Consumer, Delivery } from '../ports/consumer.js';
import type { Stores } from '../stores/stores.js';
import { controlCommands } from './commands/control-commands.js';
import { type ControlledWorker, nok } from './control-command.js';
import { controlQueue, readRequest, replyMessage, workerMailbox } from './control-messages.js';
import { nodeMatches } from './node-matches.js';

export interface ControlReaderParts {
  readonly stores: Stores;
  readonly worker: ControlledWorker;
  readonly newId: () => string;
  /** Told what went wrong; nobody waits for a command without a reply. */
  readonly onProblem: (error: unknown) => void;
}

const closingMs = 2000;
/** Requests in hand; each is answered in a moment. */
const prefetch = 100;

/** Reads Celery's control requests from the mailbox of a worker, has them done, and replies where a reply is wanted. */
export class ControlReader extends Service {
  private consumer: Consumer | undefined;

  constructor(private readonly parts: ControlReaderParts) {
    super('the control reader');
  }

  protected async onStart(): Promise<void> {
    const { stores, worker, newId } = this.parts;
    const { hostname } = worker;
    await stores.broker.declare({ topology: workerMailbox(hostname), deadline: stores.deadline() });
    if (this.stopRequested.aborted) return;
    this.consumer = await stores.broker.consume({
      consumerId: newId(),
      queues: [controlQueue(hostname)],
      prefetch,
      onDeliveries: (deliveries) => void this.take(deliveries),
      onLost: () => undefined,
      deadline: stores.deadline(),
    });
  }

  protected async onStop(deadline: Deadline): Promise<void> {
    await this.consumer?.close({ deadline });
  }

  protected deadlineAfterFailedStart(): Deadline {
    return Deadline.in(this.parts.stores.clock, closingMs);
  }

  /** A request is done once at most, as in Celery: it is acknowledged first. */
  private async take(deliveries: readonly Delivery[]): Promise<void> {
    const { stores, onProblem } = this.parts;
    try {
      const settlements = deliveries.map(
        (delivery) => ({ delivery, verb: { kind: 'ack' }, results: [], publishes: [], joins: [] }) as const,
      );
      await stores.broker.settle({ settlements, deadline: stores.deadline() });
      for (const { message } of deliveries) await this.handle(message);
    } catch (error) {
      onProblem(error);
    }
  }

  private async handle(message: Delivery['message']): Promise<void> {
    const { stores, worker } = this.parts;
    const request = readRequest(message);
    if (request === undefined || !nodeMatches(worker.hostname, request)) return;
    // One that is not known is not answered, as in Celery: the asker's time runs out.
    const command = controlCommands.get(request.method);
    if (command === undefined) return;
    const { args, recorded, replyTo } = request;
    const reply = await this.run(async () => await command.run({ worker, args, recorded }));
    if (replyTo === undefined) return;
    const publication = {
      message: replyMessage(worker.hostname, reply, replyTo.ticket),
      exchange: replyTo.exchange,
      routingKey: replyTo.routingKey,
    };
    // The asker may be gone: then it is unroutable, which is nobody's concern.
    await stores.broker.publish({ publications: [publication], deadline: stores.deadline() });
  }

  private async run(action: () => Promise<unknown>): Promise<unknown> {
    try {
      return await action();
    } catch (error) {
      this.parts.onProblem(error);
      return nok(error instanceof Error ? error.message : String(error));
    }
  }
}
