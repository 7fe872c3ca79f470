/** Whether it can be a routing key: AMQP allows 255 bytes. */
export function isWireKey(value: unknown): value is string {
  return typeof value === 'string' && Buffer.byteLength(value) <= 255;
}

/** Whether it can name a queue or an exchange: as a routing key, and not empty. */
export function isWireName(value: unknown): value is string {
  return isWireKey(value) && value !== '';
}
