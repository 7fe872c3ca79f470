import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { type AgentProgram, AgentProcess } from './agent/agent-process.js';
import type { ContenderOptions } from './contender.js';
import type { BenchOptions } from './options.js';

/** One row of a table: a contender in one of its variants. */
export interface Entrant {
  /** As shown. */
  readonly name: string;
  /** What goals call it. */
  readonly kind: EntrantKind;
  /** How much less it is given to do, because it is slow. 1: as much as the others. */
  readonly share: number;
  readonly program: (url: string) => AgentProgram;
}

export type EntrantKind =
  | 'lovage'
  | 'lovage-untracked'
  | 'bullmq'
  | 'bee-queue'
  | 'celery-node'
  | 'celery-solo'
  | 'celery-prefork'
  | 'raw';

/** Debian's packages are there. */
const python = '/usr/bin/python3';
const nodeAgent = fileURLToPath(new URL('agent/main.js', import.meta.url));
const pythonAgent = fileURLToPath(new URL('../../python/celery_agent.py', import.meta.url));

interface Candidate extends Omit<Entrant, 'program'> {
  /** Of npm, or Python's. */
  readonly module: string;
  readonly agent: string;
  readonly options?: ContenderOptions;
}

const candidates: readonly Candidate[] = [
  { name: 'lovage', kind: 'lovage', module: '@lovage/redis', agent: 'lovage', share: 1 },
  {
    name: 'lovage, trackSent off',
    kind: 'lovage-untracked',
    module: '@lovage/redis',
    agent: 'lovage',
    options: { trackSent: false },
    share: 1,
  },
  { name: 'bullmq', kind: 'bullmq', module: 'bullmq', agent: 'bullmq', share: 1 },
  { name: 'bee-queue', kind: 'bee-queue', module: 'bee-queue', agent: 'bee-queue', share: 1 },
  { name: 'celery-node', kind: 'celery-node', module: 'celery-node', agent: 'celery-node', share: 0.25 },
  { name: 'celery, solo', kind: 'celery-solo', module: 'celery', agent: 'solo', share: 0.1 },
  { name: 'celery, prefork of 2', kind: 'celery-prefork', module: 'celery', agent: 'prefork', share: 0.1 },
  { name: 'raw driver', kind: 'raw', module: 'ioredis', agent: 'raw-driver', share: 1 },
];

const isPython = ({ kind }: Pick<Entrant, 'kind'>): boolean =>
  kind.startsWith('celery-') && kind !== 'celery-node';

/** Those that are installed and asked for; tells which are not there. */
export function findEntrants({ contenders, profile }: BenchOptions): readonly Entrant[] {
  const versions = new Map(candidates.map((candidate) => [candidate.module, versionOf(candidate)]));
  for (const [module, version] of versions)
    console.log(`${module} ${version ?? 'is not installed: left out'}`);
  return candidates
    .filter(({ module }) => versions.get(module) !== undefined)
    .filter(({ name }) => contenders.length === 0 || contenders.some((word) => name.startsWith(word)))
    .map((candidate) => ({ ...candidate, program: (url) => programOf(candidate, url, profile) }));
}

export const makeAgent = ({ name, program }: Entrant, url: string): AgentProcess =>
  new AgentProcess(name, program(url));

function programOf(candidate: Candidate, url: string, profile: string | undefined): AgentProgram {
  const { agent, options = {} } = candidate;
  if (isPython(candidate)) return { command: python, args: ['-B', pythonAgent, agent, url] };
  const profiling =
    profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}/${candidate.kind}`];
  return { command: process.execPath, args: [...profiling, nodeAgent, agent, url, JSON.stringify(options)] };
}

function versionOf(candidate: Candidate): string | undefined {
  if (isPython(candidate)) {
    const program = `import ${candidate.module} as it; print(it.__version__)`;
    const { status, stdout } = spawnSync(python, ['-c', program], { encoding: 'utf8' });
    return status === 0 ? stdout.trim() : undefined;
  }
  const require = createRequire(import.meta.url);
  for (const folder of require.resolve.paths(candidate.module) ?? []) {
    try {
      const manifest = require(`${folder}/${candidate.module}/package.json`) as { readonly version: string };
      return manifest.version;
    } catch {
      // The next folder may have it.
    }
  }
  return undefined;
}
