import type { Driver, Inspector } from '@lovage/core';
import { altered, type Fault, without } from './fault.js';

type Changes = (inspector: Inspector, view: Driver) => Partial<Inspector>;

const inspector = (name: string, noticedBy: string, changes: Changes): Fault => ({
  name,
  noticedBy,
  break: (view) =>
    view.inspector === undefined
      ? view
      : { ...view, inspector: altered(view.inspector, changes(view.inspector, view)) },
});

const order = 'shows the messages of each place in the order of delivery, with what is known of them';
const paging = 'pages through a place, each message once, at most the limit a page';

export const inspectorFaults: readonly Fault[] = [
  inspector(
    'counts what is in hand as waiting',
    'counts the messages of a queue by their places, and its consumers',
    (real) => ({
      queues: async (params) =>
        (await real.queues(params)).map((one) => ({ ...one, ready: one.ready + one.unsettled })),
    }),
  ),
  inspector('lists queues in no order', 'lists the declared queues, each once, ordered by name', (real) => ({
    queues: async (params) => (await real.queues(params)).toReversed(),
  })),
  inspector('gives pages without a bound', paging, (real) => ({
    messages: async (params) => await real.messages({ ...params, limit: 1000 }),
  })),
  inspector('ends after the first page', paging, (real) => ({
    messages: async (params) => ({ messages: (await real.messages(params)).messages }),
  })),
  inspector('never ends', paging, (real) => ({
    messages: async (params) => await real.messages(without(params, 'cursor')),
  })),
  inspector(
    'takes any page size',
    'refuses pages of another size than 1 to 1,000 with a coded error',
    (real) => ({
      messages: async (params) =>
        await real.messages({ ...params, limit: Math.min(Math.max(Math.trunc(params.limit) || 1, 1), 1000) }),
    }),
  ),
  inspector('shows the latest first', order, (real) => ({
    messages: async (params) => {
      const page = await real.messages(params);
      return { ...page, messages: page.messages.toReversed() };
    },
  })),
  inspector('loses why a message was parked', order, (real) => ({
    messages: async (params) => {
      const page = await real.messages(params);
      return { ...page, messages: page.messages.map((one) => without(one, 'reason')) };
    },
  })),
  inspector('counts looking as a delivery', 'counts the deliveries of messages that wait again', (real) => ({
    messages: async (params) => {
      const page = await real.messages(params);
      return { ...page, messages: page.messages.map((one) => ({ ...one, deliveries: one.deliveries + 1 })) };
    },
  })),
  inspector('takes messages out to show them', 'changes nothing by looking', (real, { broker }) => ({
    messages: async (params) => {
      const page = await real.messages(params);
      if (params.place === 'ready') await broker?.purge({ queue: params.queue, deadline: params.deadline });
      return page;
    },
  })),
  inspector(
    'works on after close',
    'takes a second open and a second close, and refuses everything after close with a coded error',
    () => ({
      queues: async () => [],
    }),
  ),
];
