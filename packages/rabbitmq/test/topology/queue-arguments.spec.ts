import { queueOptions } from '../../src/topology/queue-arguments.js';
import { differenceIn } from '../../src/topology/topology-failure.js';

const nothing = { maxPriority: undefined, deliveryLimit: undefined };
const classic = { ...nothing, queueType: 'classic' } as const;
const quorum = { ...nothing, queueType: 'quorum' } as const;
const limited = (limit: number): Readonly<Record<string, unknown>> => ({
  'x-queue-type': 'quorum',
  'x-delivery-limit': limit,
  'x-overflow': 'reject-publish',
  'x-dead-letter-exchange': '',
  'x-dead-letter-routing-key': 'q.parked',
  'x-dead-letter-strategy': 'at-least-once',
});

describe('queueOptions', () => {
  it('declares a plain queue as Celery does, without any arguments', () => {
    expect(queueOptions({ name: 'celery' }, classic)).toEqual({
      durable: true,
      autoDelete: false,
      exclusive: false,
      arguments: {},
    });
  });

  it.each([
    [{ name: 'q', maxPriority: 9 }, classic, { 'x-max-priority': 9 }],
    [{ name: 'q' }, { ...classic, maxPriority: 5 }, { 'x-max-priority': 5 }],
    [{ name: 'q', expires: 1.5 }, classic, { 'x-expires': 1500 }],
    [{ name: 'q' }, quorum, { 'x-queue-type': 'quorum' }],
    [{ name: 'q', type: 'classic' as const }, quorum, {}],
    // What can not be of type quorum is not.
    [{ name: 'q', autoDelete: true }, quorum, {}],
    [{ name: 'q', durable: false }, quorum, {}],
    [{ name: 'q', maxPriority: 3 }, quorum, { 'x-max-priority': 3 }],
    [
      { name: 'q', arguments: { 'x-max-length': 7 } },
      quorum,
      { 'x-queue-type': 'quorum', 'x-max-length': 7 },
    ],
    [{ name: 'q', deliveryLimit: 20 }, quorum, limited(20)],
    [{ name: 'q' }, { ...quorum, deliveryLimit: 30 }, limited(30)],
    [{ name: 'q', deliveryLimit: 20 }, { ...quorum, deliveryLimit: 30 }, limited(20)],
    [{ name: 'q', type: 'quorum' as const }, { ...classic, deliveryLimit: 30 }, limited(30)],
    // Classic queues have no limit.
    [{ name: 'q' }, { ...classic, deliveryLimit: 30 }, {}],
    [{ name: 'q', autoDelete: true }, { ...quorum, deliveryLimit: 30 }, {}],
  ])('declares %j with %j as %j', (queue, defaults, expected) => {
    expect(queueOptions(queue, defaults).arguments).toEqual(expected);
  });
});

describe('differenceIn', () => {
  it.each([
    [
      "PRECONDITION_FAILED - inequivalent arg 'x-max-priority' for queue 'q' in vhost '/': received none but current is the value '10' of type 'signedint'",
      'it exists with x-max-priority = 10, and was declared with not set',
    ],
    [
      "PRECONDITION_FAILED - inequivalent arg 'durable' for queue 'q: received' in vhost '/': received 'false' but current is 'true'",
      'it exists with durable = true, and was declared with = false',
    ],
    ['PRECONDITION_FAILED - something else', 'PRECONDITION_FAILED - something else'],
  ])('reads %s', (answer, difference) => {
    expect(differenceIn(answer)).toBe(difference);
  });
});
