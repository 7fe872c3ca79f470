/** Flags of the properties that tasks and results have, in the order in which the properties follow. */
export const propertyFlags = {
  contentType: 1 << 15,
  contentEncoding: 1 << 14,
  headers: 1 << 13,
  deliveryMode: 1 << 12,
  priority: 1 << 11,
  correlationId: 1 << 10,
  replyTo: 1 << 9,
} as const;

/** Flags of all other properties, and of more flags. */
export const otherFlags = (1 << 9) - 1;
