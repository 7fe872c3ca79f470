import { Coalescer, type Done } from '../batch/coalescer.js';
import { Deadline } from '../clock/deadline.js';
import { PUBLISH_FAILED } from '../errors/client-errors.js';
import { isLovageError } from '../errors/lovage-error.js';
import { VALUE_UNSERIALIZABLE } from '../errors/message-errors.js';
import { STORE_REFUSED } from '../errors/store-errors.js';
import { roughBodyLength } from '../message/written-task.js';
import type { Publication, PublishOutcome } from '../ports/publication.js';
import type { StoredResult } from '../ports/stored-result.js';
import type { Stores } from '../stores/stores.js';

/** Waits before the attempts that follow a failed publish; Celery's `task_publish_retry_policy`. */
const retryDelaysMs = [0, 200, 400];

/**
 * Most messages of one batch. Small enough for several to be on their way when a hundred callers wait, so that the next is
 * written while the broker works on the last; large enough for the cost of a call to be spread.
 */
const batchSize = 50;

/** What became of a message that had to be sent apart from those of its turn. */
interface FailedAlone {
  readonly kind: 'failed';
  readonly error: unknown;
}

/**
 * Hands messages to the broker: those of one event-loop turn as one batch. A batch that fails is tried again as a whole
 * with the same ids, so that a broker that recognises repeats keeps one of each.
 */
export class Publisher {
  private readonly coalescer: Coalescer<Publication, PublishOutcome | FailedAlone>;

  constructor(
    private readonly stores: Stores,
    private readonly timeoutMs: number,
  ) {
    this.coalescer = new Coalescer({
      clock: stores.clock,
      maxItems: batchSize,
      flush: async (publications) => await this.publish(publications),
      bytesOf: (publication) => roughBodyLength(publication.message),
    });
  }

  push(publication: Publication, done: Done<PublishOutcome>): void {
    this.coalescer.push(publication, (outcome: PublishOutcome | FailedAlone | undefined, error: unknown) => {
      if (outcome === undefined) done(undefined, error);
      else if (outcome.kind === 'failed') done(undefined, outcome.error);
      else done(outcome, undefined);
    });
  }

  /** Resolves when everything that was pushed has its outcome. */
  async drained(): Promise<void> {
    await this.coalescer.drained();
  }

  private async publish(
    publications: readonly Publication[],
  ): Promise<readonly (PublishOutcome | FailedAlone)[]> {
    const deadline = Deadline.in(this.stores.clock, this.timeoutMs);
    for (let attempt = 0; ; attempt += 1) {
      try {
        if (!this.stores.opened) await this.stores.open();
        await this.recordSent(publications, deadline);
        return await this.stores.broker.publish({ publications, deadline });
      } catch (error) {
        const ofOne = VALUE_UNSERIALIZABLE.is(error) || STORE_REFUSED.is(error);
        if (ofOne && publications.length > 1) return await this.publishApart(publications);
        if (VALUE_UNSERIALIZABLE.is(error)) throw error;
        const delayMs = retryDelaysMs[attempt];
        if (delayMs === undefined || deadline.leftMs() <= delayMs || isFinal(error)) {
          throw this.failed(publications, attempt + 1, error);
        }
        await new Promise<void>((resolve) => {
          this.stores.clock.after(delayMs, resolve);
        });
      }
    }
  }

  /**
   * The broker has no place for something in one of them, or does not take it: no permission, a full queue. That is no reason to fail all that
   * were sent in the same turn. A broker knows again which of them it has.
   */
  private async publishApart(
    publications: readonly Publication[],
  ): Promise<readonly (PublishOutcome | FailedAlone)[]> {
    const alone = async (one: Publication): Promise<readonly (PublishOutcome | FailedAlone)[]> => {
      try {
        return await this.publish([one]);
      } catch (error) {
        return [{ kind: 'failed', error }];
      }
    };
    return (await Promise.all(publications.map(alone))).flat();
  }

  /** Where the broker can not keep the sent ids itself, they are stored first: a result may come as soon as it is published. */
  private async recordSent(publications: readonly Publication[], deadline: Deadline): Promise<void> {
    const { results, broker } = this.stores;
    if (results === undefined || results.storeId === broker.storeId) return;
    const sent = publications
      .map((publication) => publication.sent)
      .filter((one): one is StoredResult => one !== undefined);
    if (sent.length > 0) await results.put({ results: sent, deadline });
  }

  private failed(publications: readonly Publication[], attempts: number, cause: unknown): Error {
    const headers = publications[0]?.message.headers;
    return PUBLISH_FAILED.create(
      {
        taskName: String(headers?.['task']),
        taskId: String(headers?.['id']),
        broker: this.stores.broker.address,
        attempts,
        problem: cause instanceof Error ? cause.message : String(cause),
      },
      cause,
    );
  }
}

/** Errors that another attempt can not mend. */
function isFinal(error: unknown): boolean {
  return isLovageError(error, 'LOVAGE_SERVICE_STOPPED') || isLovageError(error, 'LOVAGE_STORE_CLOSED');
}
