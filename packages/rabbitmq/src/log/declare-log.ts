import type { Channel } from 'amqplib';

/** Old ones go when there is more than a log may have, one after the other. */
const segments = 16;

/** Declares a stream that serves as a log. @param mostBytes which it keeps, about */
export async function declareLog(
  channel: Pick<Channel, 'assertQueue'>,
  name: string,
  mostBytes: number,
): Promise<void> {
  await channel.assertQueue(name, {
    durable: true,
    arguments: {
      'x-queue-type': 'stream',
      'x-max-length-bytes': mostBytes,
      'x-stream-max-segment-size-bytes': Math.ceil(mostBytes / segments),
    },
  });
}
