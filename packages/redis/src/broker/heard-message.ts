import { separator, stepOf } from '../keys.js';
import { readEnvelope } from '../wire/envelope.js';
import { rangeOfMember } from '../wire/json-range.js';

/** Longest delivery tag; those of kombu have 36 characters. It becomes part of a key. */
const longestTag = 255;

/** A message of a fanout exchange that a consumer must find in its queue. */
export interface HeardMessage {
  readonly exchange: string;
  /** As it stands in the envelope. */
  readonly tag: string;
  /** What follows the name of the queue in that of the list. */
  readonly step: string;
  /** The envelope around its tag. */
  readonly before: string;
  readonly behind: string;
}

/**
 * Reads what was published on a channel.
 *
 * @returns `stored` where Lovage has published it, which has put it into the queues itself; or what is wrong with it
 */
export function readHeard(text: string): HeardMessage | 'stored' | { readonly problem: string } {
  const { envelope, problem } = readEnvelope(text);
  if (envelope === undefined) return { problem };
  if (envelope.stored) return 'stored';
  const [from, to] = rangeOfMember(text, 'properties') ?? [0, 0];
  const [start, end] = rangeOfMember(text.slice(from, to), 'delivery_tag') ?? [0, 0];
  const [begin, finish] = [from + start + 1, from + end - 1];
  const tag = text.slice(begin, finish);
  if (tag === '' || tag.length > longestTag) return { problem: 'its delivery tag is empty or too long' };
  const step = stepOf(envelope.message.properties.priority);
  return {
    exchange: envelope.exchange,
    tag,
    step: step === 0 ? '' : `${separator}${step}`,
    before: text.slice(0, begin),
    behind: text.slice(finish),
  };
}
