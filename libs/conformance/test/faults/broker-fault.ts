import type { Broker } from '@lovage/core';
import { altered, type Fault } from './fault.js';

/** A fault of the broker alone. */
export const brokerFault = (
  name: string,
  noticedBy: string,
  changes: (real: Broker) => Partial<Broker>,
): Fault => ({
  name,
  noticedBy,
  break: (view) =>
    view.broker === undefined ? view : { ...view, broker: altered(view.broker, changes(view.broker)) },
});
