import type { ChannelModel } from 'amqplib';
import { STORE_UNFIT } from '@lovage/core';

/** Streams, delivery limits that dead-letter at least once, and the redelivery of quorum queues are as we need them from here on. */
const oldest = [3, 10] as const;

/**
 * Looks at what the server says of itself. Servers that are no RabbitMQ but speak its protocol are left to try.
 *
 * @throws LOVAGE_STORE_UNFIT for a RabbitMQ that is too old
 */
export function checkServer(address: string, { connection }: Pick<ChannelModel, 'connection'>): void {
  const { product, version } = connection.serverProperties as Readonly<Record<string, unknown>>;
  if (product !== 'RabbitMQ' || typeof version !== 'string') return;
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(version) ?? [];
  if (major === undefined || Number(major) > oldest[0]) return;
  if (Number(major) === oldest[0] && Number(minor) >= oldest[1]) return;
  throw STORE_UNFIT.create({
    address,
    found: `it is RabbitMQ ${version}, which is too old`,
    advice: `Upgrade it to ${oldest.join('.')} or later.`,
  });
}
