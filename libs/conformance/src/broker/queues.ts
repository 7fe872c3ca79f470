import type { Driver, Publication, PublishOutcome, Topology } from '@lovage/core';
import { brokerOf, type Harness } from '../harness.js';

/** Declares a queue with a name of its own; gives the name. */
export async function queue(harness: Harness, stem = 'queue'): Promise<string> {
  const name = harness.name(stem);
  await declare(harness, { queues: [{ name }] });
  return name;
}

export async function declare(
  harness: Harness,
  topology: Topology,
  view: Driver = harness.view,
): Promise<void> {
  await brokerOf(view).declare({ topology, deadline: harness.deadline() });
}

export async function publish(
  harness: Harness,
  publications: readonly Publication[],
  view: Driver = harness.view,
): Promise<readonly PublishOutcome[]> {
  return await brokerOf(view).publish({ publications, deadline: harness.deadline() });
}

export const kindsOf = (outcomes: readonly { readonly kind: string }[]): readonly string[] =>
  outcomes.map(({ kind }) => kind);
