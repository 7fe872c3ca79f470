import type { RedisServer } from '@lovage/services';
import type { AgentProcess } from './agent/agent-process.js';
import { type Entrant, makeAgent } from './cast.js';
import type { BenchOptions } from './options.js';

/** What every section works with. */
export interface Stage {
  readonly server: RedisServer;
  readonly entrants: readonly Entrant[];
  readonly options: BenchOptions;
}

/** The processes of one entrant; started at their first use. */
export interface Agents {
  readonly producer: AgentProcess;
  readonly worker: AgentProcess;
}

/** How many of `count` this entrant is given, at least one. */
export const shareOf = ({ share }: Entrant, { divisor }: BenchOptions, count: number): number =>
  Math.max(1, Math.round((count * share) / divisor));

/**
 * Lets the entrants do something in turn, round by round, each with an empty server, so that a machine that becomes slower in
 * between touches all alike. The first round warms up and is not given to `keep`.
 */
export async function inTurns<T>(
  { server, entrants, options }: Stage,
  act: (entrant: Entrant, agents: Agents) => Promise<T | undefined>,
  rounds: number = options.rounds,
): Promise<ReadonlyMap<Entrant, readonly T[]>> {
  const agents = new Map<Entrant, Agents>();
  for (const entrant of entrants) {
    agents.set(entrant, { producer: makeAgent(entrant, server.url), worker: makeAgent(entrant, server.url) });
  }
  const kept = new Map<Entrant, T[]>();
  try {
    for (let round = 0; round <= rounds; round += 1) {
      for (const [entrant, own] of agents) {
        await emptied(server);
        const figure = await act(entrant, own);
        if (round === 0 || figure === undefined) continue;
        const before = kept.get(entrant);
        if (before === undefined) kept.set(entrant, [figure]);
        else before.push(figure);
      }
    }
  } finally {
    await Promise.all(
      [...agents.values()].flatMap(({ producer, worker }) => [producer.close(), worker.close()]),
    );
    await emptied(server);
  }
  return kept;
}

async function emptied(server: RedisServer): Promise<void> {
  await server.command('FLUSHALL', 'SYNC');
}

/** Bytes that the server uses, without what its connections take. */
export async function usedBytes(server: RedisServer): Promise<number> {
  const info = String(await server.command('INFO', 'memory'));
  const value = (name: string): number => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1]);
  return value('used_memory') - value('mem_clients_normal');
}
