/** Whether it can name a queue or an exchange: AMQP allows 255 bytes. */
export function isWireName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && Buffer.byteLength(value) <= 255;
}
