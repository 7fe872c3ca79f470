import type { ChordPart, Settlement, SettleVerb, StoredResult } from '@lovage/core';
import { type Keys, stepOf } from '../keys.js';
import type { LuaArgument } from '../scripts/lua-script.js';
import { delayedEntry } from '../wire/delayed-entry.js';
import { rewriteEnvelope } from '../wire/rewrite-envelope.js';
import { type GroupingContext, PublicationGroups } from './publication-groups.js';
import type { RedisDelivery } from './redis-delivery.js';

const success = 'SUCCESS';
const otherFinal: ReadonlySet<string> = new Set(['FAILURE', 'REVOKED']);
// reason: control characters must be escaped in JSON.
// oxlint-disable-next-line no-control-regex
const plainState = /^[^"\\\u0000-\u001f]*$/;

/** Arguments of the settle script, and what is needed to read its answer. */
export class SettleArguments {
  readonly args: LuaArgument[];
  private readonly published: (PublicationGroups | undefined)[] = [];

  constructor(
    settlements: readonly Settlement[],
    token: string,
    private readonly context: GroupingContext,
  ) {
    this.args = [token, '', settlements.length];
    for (const settlement of settlements) this.add(settlement);
  }

  /** The publications of a settlement, sorted; `undefined` where it has none. */
  groupsOf(index: number): PublicationGroups | undefined {
    return this.published[index];
  }

  private add({ delivery, verb, results, publishes, joins }: Settlement): void {
    const { args } = this;
    const own = delivery as RedisDelivery;
    args.push(own.owner, own.tag);
    this.addVerb(own, verb);
    args.push(results.length);
    for (const result of results) addResult(args, result);
    if (publishes.length === 0) {
      args.push(0);
      this.published.push(undefined);
    } else {
      const groups = new PublicationGroups(publishes, this.context);
      groups.writeTo(args as (string | number)[]);
      args[1] = groups.sentTtl;
      this.published.push(groups);
    }
    args.push(joins.length);
    for (const part of joins) addPart(args, part);
  }

  private addVerb(delivery: RedisDelivery, verb: SettleVerb): void {
    const { args } = this;
    const { now } = this.context;
    const { queue, text, message, deliveries } = delivery;
    switch (verb.kind) {
      case 'ack':
        args.push('ack');
        break;
      case 'release':
        args.push('next', this.listOf(delivery), this.again(delivery, deliveries - 1));
        break;
      case 'requeue': {
        const again = this.again(delivery, deliveries);
        if (verb.delayMs === undefined || verb.delayMs <= 0) args.push('back', this.listOf(delivery), again);
        else {
          const step = stepOf(message.properties.priority);
          args.push('later', queue, now + verb.delayMs, delayedEntry(step, again, message.headers['id']));
        }
        break;
      }
      case 'park':
        args.push('park', queue, parkedRecord(text, deliveries, now, verb.reason));
        break;
    }
  }

  private listOf({ queue, message }: RedisDelivery): string {
    return this.context.keys.list(queue, stepOf(message.properties.priority));
  }

  private again({ text }: RedisDelivery, deliveries: number): string {
    return rewriteEnvelope(text, { tag: this.context.newId(), deliveries });
  }
}

/** A message out of its queue, as operators see it. */
export function parkedRecord(
  envelope: string,
  deliveries: number,
  at: number,
  { code, text }: { readonly code: string; readonly text: string },
): string {
  return JSON.stringify({ code, text, at, deliveries, envelope });
}

/** Adds a result as the scripts read it, see `keeping` in scripts/parts.ts. */
export function addResult(args: LuaArgument[], { taskId, state, document, ttlMs }: StoredResult): void {
  const rank = state === success ? 'S' : otherFinal.has(state) ? 'F' : 'E';
  args.push(
    taskId,
    rank,
    ttlMs === undefined ? '' : Math.ceil(ttlMs),
    shows(document, state) ? '' : state,
    document,
  );
}

/** Adds a finished part of a chord, see `joining` in scripts/parts.ts. */
export function addPart(args: LuaArgument[], part: ChordPart): void {
  const { groupId, taskId, groupIndex, size, ttlMs, document } = part;
  args.push(groupId, taskId, groupIndex ?? '', size, ttlMs === undefined ? '' : Math.ceil(ttlMs), document);
}

/** Whether a document begins with its state, as those that we write as JSON do. */
function shows(document: Buffer | string, state: string): boolean {
  if (!plainState.test(state)) return false;
  const beginning = `{"status":"${state}"`;
  return typeof document === 'string'
    ? document.startsWith(beginning)
    : document
        .subarray(0, beginning.length * 3)
        .toString()
        .startsWith(beginning);
}
