import type { LuaArgument } from '../scripts/lua-script.js';
import type { RedisDelivery } from './redis-delivery.js';

/** Where arguments stand that are known only when the settlements are written. */
export const settlePlaces = { sentTtl: 1, host: 3, room: 4 } as const;

/** How the arguments of the settle script begin; the settlements follow, in the order of the deliveries. */
export function settleHead(params: {
  /** Names the call, should it be repeated. */
  readonly token: string;
  readonly deliveries: readonly Pick<RedisDelivery, 'owner' | 'tag'>[];
  /** How many of the settlements have the long form. The last argument of the head. */
  readonly longOnes: number;
  /** Milliseconds for which results of the short form are kept; `''`: for ever, or there are none. */
  readonly resultTtl?: number | '';
}): LuaArgument[] {
  const { token, deliveries, longOnes, resultTtl = '' } = params;
  return [token, '', resultTtl, '', 0, ...ownersOf(deliveries), deliveries.length, longOnes];
}

/** The deliveries by the leases under which they were claimed; most batches have one. */
export function ownersOf(deliveries: readonly Pick<RedisDelivery, 'owner' | 'tag'>[]): LuaArgument[] {
  const tags = new Map<string, string[]>();
  for (const { owner, tag } of deliveries) {
    const present = tags.get(owner);
    if (present === undefined) tags.set(owner, [tag]);
    else present.push(tag);
  }
  return [tags.size, ...[...tags].flatMap(([owner, own]) => [owner, own.length, ...own])];
}
