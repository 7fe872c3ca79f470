import { CAPABILITY_MISSING } from '../errors/config-errors.js';
import { UNROUTABLE } from '../errors/client-errors.js';
import { isLovageError } from '../errors/lovage-error.js';
import { type DecodeOptions, decodeTask } from '../message/decode-task.js';
import { type EncodeOptions, encodeTask } from '../message/encode-task.js';
import type { WireMessage } from '../message/wire-message.js';
import type { InspectedMessage } from '../ports/inspector.js';
import type { Stores } from '../stores/stores.js';
import { attemptsHeader } from '../task/attempt.js';
import { resentHeader } from '../task/resent-header.js';

export interface ResenderParts {
  readonly stores: Stores;
  readonly decoding: DecodeOptions;
  readonly encoding: EncodeOptions;
}

/** Parked messages that are looked at with one call. */
const pageSize = 200;

/** Puts parked messages back to work. */
export class Resender {
  constructor(private readonly parts: ResenderParts) {}

  /** @returns whether there was one of this task */
  async resend(taskId: string, queue: string): Promise<boolean> {
    const { stores } = this.parts;
    if (!stores.opened) await stores.open();
    const parked = await this.find(taskId, queue);
    if (parked === undefined) return false;
    const publication = { message: this.fresh(parked.message), exchange: '', routingKey: queue };
    const deadline = stores.deadline();
    const { kind } = await stores.broker.unpark({ queue, taskId, publication, deadline });
    if (kind === 'unroutable') {
      const taskName = String(parked.message.headers['task']);
      throw UNROUTABLE.create({ taskId, taskName, exchange: '', routingKey: queue });
    }
    return kind === 'unparked';
  }

  /** @returns whether there was one of this task */
  async drop(taskId: string, queue: string): Promise<boolean> {
    const { stores } = this.parts;
    if (!stores.opened) await stores.open();
    const params = { queue, taskId, publication: undefined, deadline: stores.deadline() };
    return (await stores.broker.unpark(params)).kind === 'unparked';
  }

  private async find(taskId: string, queue: string): Promise<InspectedMessage | undefined> {
    const { stores } = this.parts;
    const { inspector } = stores;
    if (inspector === undefined) {
      throw CAPABILITY_MISSING.create({
        driver: stores.broker.address,
        capability: 'looking at parked messages',
        instead: 'Use a broker with an inspector.',
      });
    }
    let cursor: string | undefined;
    do {
      const page = await inspector.messages({
        queue,
        place: 'parked',
        limit: pageSize,
        cursor,
        deadline: stores.deadline(),
      });
      const found = page.messages.find(({ message }) => message.headers['id'] === taskId);
      if (found !== undefined) return found;
      ({ cursor } = page);
    } while (cursor !== undefined);
    return undefined;
  }

  /** As if it had never been tried; a message that can not be read goes back as it is. */
  private fresh(message: WireMessage): WireMessage {
    const { stores, decoding, encoding } = this.parts;
    try {
      const task = decodeTask(message, decoding);
      const { [attemptsHeader]: _attempts, [resentHeader]: before, ...headers } = task.headers ?? {};
      const resent = typeof before === 'number' ? before + 1 : 1;
      const isOver = task.expires !== undefined && task.expires.getTime() <= stores.clock.wallNow();
      const next = {
        ...task,
        retries: 0,
        eta: undefined,
        expires: isOver ? undefined : task.expires,
        headers: { ...headers, [resentHeader]: resent },
      };
      return encodeTask(next, encoding);
    } catch (error) {
      if (isLovageError(error)) return message;
      throw error;
    }
  }
}
