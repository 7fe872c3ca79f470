import type { RedisStore } from '../redis-store.js';
import type { LuaArgument } from '../scripts/lua-script.js';
import { parkedRecord } from './settle-arguments.js';
import { settleHead } from './settle-head.js';

export interface UnreadableEntry {
  /** The lease under which it was claimed. */
  readonly owner: string;
  readonly queue: string;
  readonly tag: string;
  readonly text: string;
  readonly problem: string;
}

/** Arguments of the settle script for an envelope that can not be read: it is kept where an operator sees it. */
export function parkArguments(store: RedisStore, entry: UnreadableEntry): readonly LuaArgument[] {
  const { queue, tag, text, problem } = entry;
  const reason = { code: 'LOVAGE_MESSAGE_INVALID', text: `the envelope can not be read: ${problem}` };
  const record = parkedRecord(text, 1, store.clock.wallNow(), reason);
  const head = settleHead({ token: store.newId(), deliveries: [entry], longOnes: 1 });
  return [...head, tag, 'long', 0, 0, 'park', queue, record, 0, 0];
}
