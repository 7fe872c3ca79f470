import type { Broker, Driver, Publication, Settlement } from '@lovage/core';
import { CAPABILITY_MISSING } from '@lovage/core';
import { altered, type Fault } from './fault.js';

const missing = (capability: string): Error =>
  CAPABILITY_MISSING.create({ driver: 'modest', capability, instead: 'Use the fallback of core.' });

function withoutCapabilities(real: Broker, refuse: (capability: string) => void): Broker {
  const checkDelay = (publications: readonly Publication[]): void => {
    if (publications.some(({ notBefore }) => notBefore !== undefined)) refuse('delayedDelivery');
  };
  const checkSettlement = ({ verb, results, publishes, joins }: Settlement): void => {
    if (results.length + publishes.length + joins.length > 0) refuse('atomicSettle');
    if (verb.kind === 'requeue' && (verb.delayMs ?? 0) > 0) refuse('delayedDelivery');
  };
  return altered(real, {
    capabilities: { ...real.capabilities, delayedDelivery: false, atomicSettle: false },
    publish: async (params) => {
      checkDelay(params.publications);
      return await real.publish(params);
    },
    settle: async (params) => {
      for (const one of params.settlements) checkSettlement(one);
      return await real.settle(params);
    },
  });
}

const modest =
  (refuse: (capability: string) => void) =>
  (view: Driver): Driver =>
    view.broker === undefined ? view : { ...view, broker: withoutCapabilities(view.broker, refuse) };

/** A driver that can neither hold messages back nor commit a settlement as one, says so, and refuses it. */
export const modestDriver = modest((capability) => {
  throw missing(capability);
});

/** Drivers that say so, and do not refuse it. */
export const modestFaults: readonly Fault[] = [
  {
    name: 'takes a delay that it can not keep',
    noticedBy: 'holds a message back until its time, then delivers it once',
    break: modest((capability) => {
      if (capability !== 'delayedDelivery') throw missing(capability);
    }),
  },
  {
    name: 'takes settlements that it can not commit as one',
    noticedBy: 'stores results and publishes messages together with the end of a delivery',
    break: modest((capability) => {
      if (capability !== 'atomicSettle') throw missing(capability);
    }),
  },
];
