import { EXCHANGE_UNDECLARED, QUEUE_CONFLICT, QUEUE_UNDECLARED, TOPOLOGY_CONFLICT } from '@lovage/core';
import { answerOf, codedFailure, failureKind, refusal } from '../connection/amqp-failure.js';

/** What was being declared when the server refused it. */
export type Declaring =
  | { readonly kind: 'exchange'; readonly exchange: string }
  | { readonly kind: 'queue'; readonly queue: string }
  | { readonly kind: 'binding'; readonly queue: string; readonly exchange: string };

/** The server's answer to a declaration, as the error that operators see; what is no answer stays as it is. */
export function topologyFailure(address: string, what: Declaring, error: unknown): unknown {
  const kind = failureKind(error);
  const answer = answerOf(error);
  // Nothing exists with other arguments: these are no arguments of a queue, or there are too many queues.
  if (kind === 'conflict' && !/inequivalent|RESOURCE_LOCKED/.test(answer))
    return refusal(address, 'declare', error);
  if (kind === 'conflict' && what.kind === 'exchange')
    return TOPOLOGY_CONFLICT.create({ exchange: what.exchange, problem: differenceIn(answer) }, error);
  if (kind === 'conflict' && what.kind === 'queue')
    return QUEUE_CONFLICT.create({ queue: what.queue, problem: differenceIn(answer) }, error);
  if (kind === 'missing' && what.kind === 'binding') {
    return answer.includes('no exchange')
      ? EXCHANGE_UNDECLARED.create({ exchange: what.exchange, queue: what.queue }, error)
      : QUEUE_UNDECLARED.create({ queue: what.queue, operation: 'bind' }, error);
  }
  return codedFailure(address, 'declare', error);
}

/** "inequivalent arg 'x-max-priority' for queue 'q' in vhost '/': received none but current is the value '10' of type 'byte'" */
const inequivalent = /inequivalent arg '([^']+)' for [\s\S]*?: received ([\s\S]+?) but current is ([\s\S]+)$/;

/** Which argument differs, and how. */
export function differenceIn(answer: string): string {
  const parsed = inequivalent.exec(answer);
  if (parsed === null) return answer;
  const [, name, received = '', current = ''] = parsed;
  return `it exists with ${name} ${shown(current)}, and was declared with ${shown(received)}`;
}

function shown(text: string): string {
  if (text.trim() === 'none') return 'not set';
  return `= ${/^(?:the value )?'?([\s\S]*?)'?(?: of type '[^']*')?$/.exec(text.trim())?.[1] ?? text}`;
}
