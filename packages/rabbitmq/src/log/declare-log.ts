import type { Channel } from 'amqplib';

/** Old segments go when there is more than this. */
const mostBytes = 16_000_000;
const segmentBytes = 1_000_000;

/** Declares a stream that serves as a log. */
export async function declareLog(channel: Pick<Channel, 'assertQueue'>, name: string): Promise<void> {
  await channel.assertQueue(name, {
    durable: true,
    arguments: {
      'x-queue-type': 'stream',
      'x-max-length-bytes': mostBytes,
      'x-stream-max-segment-size-bytes': segmentBytes,
    },
  });
}
