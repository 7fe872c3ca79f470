import { EventEmitter } from 'node:events';
import { Deadline, SystemClock } from '@lovage/core';
import { Confirms, type Posting, type PostOutcome } from '../../src/broker/confirms.js';
import type { AmqpLink } from '../../src/connection/amqp-link.js';

type Confirm = (error: unknown) => void;

/** A channel that confirms when the test says so. */
class QuietChannel extends EventEmitter {
  readonly confirms: Confirm[] = [];

  sendMessage(): boolean {
    return true;
  }

  pushConfirmCallback(confirm: Confirm): void {
    this.confirms.push(confirm);
  }
}

const posting = (taskId: string, endsWithResult: boolean): Posting => ({
  exchange: '',
  routingKey: 'work',
  content: Buffer.from('[]'),
  options: { correlationId: taskId, replyTo: 'answers' },
  endsWithResult,
});

async function posted(...postings: readonly Posting[]): Promise<{
  readonly channel: QuietChannel;
  readonly confirms: Confirms;
  readonly told: readonly (readonly [PostOutcome, number])[];
}> {
  const channel = new QuietChannel();
  // reason: nothing else of a link is used here.
  const link = {
    ready: async () => ({ createConfirmChannel: async () => channel }),
  } as unknown as AmqpLink;
  const confirms = new Confirms(link);
  const told: [PostOutcome, number][] = [];
  await confirms.post(postings, Deadline.in(new SystemClock(), 60_000), (outcome, place) =>
    told.push([outcome, place]),
  );
  return { channel, confirms, told };
}

describe('messages and their confirms', () => {
  it('tells each when it is confirmed, refused or lost, by its place', async () => {
    const { channel, told } = await posted(posting('a', false), posting('b', false), posting('c', false));
    channel.confirms[1]?.(null);
    channel.confirms[0]?.(new Error('message nacked'));
    channel.confirms[2]?.(new Error('channel closed'));
    expect(told).toEqual([
      ['confirmed', 1],
      ['refused', 0],
      ['lost', 2],
    ]);
  });

  it('takes the result of a task for the confirm of its message, once', async () => {
    const { channel, confirms, told } = await posted(posting('a', true), posting('b', true));
    confirms.answered('b');
    confirms.answered('b');
    confirms.answered('other');
    expect(told).toEqual([['confirmed', 1]]);
    channel.confirms[1]?.(new Error('channel closed'));
    channel.confirms[0]?.(null);
    expect(told).toEqual([
      ['confirmed', 1],
      ['confirmed', 0],
    ]);
  });

  it('waits for the confirm where more is to be done than the task itself', async () => {
    const { channel, confirms, told } = await posted(posting('a', false));
    confirms.answered('a');
    expect(told).toEqual([]);
    channel.confirms[0]?.(null);
    expect(told).toEqual([['confirmed', 0]]);
  });

  it('tells a message that no queue has taken as returned, whatever comes then', async () => {
    const { channel, confirms, told } = await posted(posting('a', true));
    channel.emit('return', {
      fields: { routingKey: 'work', exchange: '' },
      properties: { correlationId: 'a' },
      content: Buffer.from('[]'),
    });
    confirms.answered('a');
    channel.confirms[0]?.(null);
    expect(told).toEqual([['returned', 0]]);
  });
});
