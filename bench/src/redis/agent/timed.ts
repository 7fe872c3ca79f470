import type { Redis } from 'ioredis';

/** A stretch of work that was measured. */
export interface Timed {
  readonly count: number;
  readonly seconds: number;
  /** Of the process that did it, all its threads. */
  readonly cpuSeconds: number;
  /** Of the server meanwhile. */
  readonly serverCpuSeconds: number;
}

/** Where a stretch began. */
export interface Mark {
  readonly at: number;
  readonly cpu: NodeJS.CpuUsage;
  readonly serverCpu: Promise<number>;
}

export function mark(probe: Redis): Mark {
  return { at: performance.now(), cpu: process.cpuUsage(), serverCpu: serverCpuSeconds(probe) };
}

export async function timedSince(begin: Mark, probe: Redis, count: number): Promise<Timed> {
  const seconds = (performance.now() - begin.at) / 1000;
  const { user, system } = process.cpuUsage(begin.cpu);
  const [before, after] = await Promise.all([begin.serverCpu, serverCpuSeconds(probe)]);
  return { count, seconds, cpuSeconds: (user + system) / 1e6, serverCpuSeconds: after - before };
}

async function serverCpuSeconds(probe: Redis): Promise<number> {
  const info = await probe.info('cpu');
  const value = (name: string): number => Number(new RegExp(`^${name}:(.*)$`, 'm').exec(info)?.[1]);
  return value('used_cpu_user') + value('used_cpu_sys');
}
