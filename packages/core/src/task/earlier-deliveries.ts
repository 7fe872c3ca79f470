/** Header of a message that was sent back to its queue as a new one: how often it had been delivered before. */
export const deliveriesHeader = 'lovage_deliveries';

/** @returns 0 where the header says nothing, or nothing sensible: anybody may have written it */
export function earlierDeliveries(headers: Readonly<Record<string, unknown>> | undefined): number {
  const count = headers?.[deliveriesHeader];
  return typeof count === 'number' && Number.isSafeInteger(count) && count > 0 ? count : 0;
}
