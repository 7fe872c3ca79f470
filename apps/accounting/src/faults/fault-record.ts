/** What is done to the processes of a run. */
export type FaultKind =
  /** A worker is ended by SIGKILL. */
  | 'kill'
  /** A worker is asked to end by SIGTERM, and has time for it. */
  | 'terminate'
  /** A worker is held by SIGSTOP for longer than its lease, and let go again. */
  | 'freeze'
  /** The server closes all connections. */
  | 'clients'
  /** The producer is ended by SIGKILL; another goes on. */
  | 'producer'
  /** The broker is asked to end, and started again. */
  | 'broker-restart'
  /** The broker is ended by SIGKILL, and started again. */
  | 'broker-kill'
  /** Nobody did it: a process has ended by itself. Never planned. */
  | 'died';

/** A fault as it happened. */
export interface FaultRecord {
  readonly kind: FaultKind;
  /** The process that it touched; `*`: all. */
  readonly process: string;
  /** Milliseconds since 1970 UTC. */
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Kinds that can be asked for. */
export const plannedFaults = [
  'kill',
  'terminate',
  'freeze',
  'clients',
  'producer',
  'broker-restart',
  'broker-kill',
] as const satisfies readonly FaultKind[];
