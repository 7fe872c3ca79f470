import type { SettleOutcome } from '@lovage/core';
import { readJoined } from '../wire/result-arguments.js';
import type { SettleArguments } from './settle-arguments.js';
import type { Stayed } from './staying.js';

const settled: SettleOutcome = { kind: 'settled' };
const lost: SettleOutcome = { kind: 'lost' };

/** Reads what the settle script answers, see there. */
export function readSettleAnswer(answer: unknown, written: SettleArguments): readonly SettleOutcome[] {
  if (typeof answer === 'number') return Array.from({ length: answer }, (_, index) => bare(written, index));
  return (answer as readonly unknown[]).slice(0, written.count).map((one, index) => {
    if (one === 0) return lost;
    if (!Array.isArray(one)) return bare(written, index);
    const [ended, routed, joins] = one as [number, readonly number[], readonly unknown[]];
    if (ended === 0) return { kind: 'complete', joined: joins.map(readJoined) };
    const groups = written.groupsOf(index);
    return {
      kind: 'settled',
      ...(groups !== undefined && { published: groups.outcomes(routed) }),
      ...(joins.length > 0 && { joined: joins.map(readJoined) }),
    };
  });
}

/** Settled with nothing to tell of. What was published, if anything, went to an exchange to which no queue is bound: it had no place at all. */
function bare(written: SettleArguments, index: number): SettleOutcome {
  const groups = written.groupsOf(index);
  return groups === undefined ? settled : { kind: 'settled', published: groups.outcomes([]) };
}

/** What the script says of the messages that might stay. */
export function readStayed(answer: unknown, written: SettleArguments): Stayed {
  const outcomes = Array.isArray(answer) ? (answer as readonly unknown[]) : [];
  const messages = outcomes.slice(0, written.count).flatMap((one, index) => {
    if (!Array.isArray(one) || one[0] !== 1) return [];
    return written.groupsOf(index)?.stayed(one[1] as readonly number[]) ?? [];
  });
  return { messages, revoked: outcomes[written.count] === 0 ? false : undefined };
}
