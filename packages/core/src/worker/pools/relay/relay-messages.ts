import type { HopError } from '../hop/hop-error.js';
import type { HopValue } from '../hop/hop-value.js';

/** Ports that a child may call in its parent. */
export type RelayPort = 'broker' | 'results' | 'ledger';

/** A call of a port that only the parent has. */
export interface RelayCall {
  readonly kind: 'call';
  readonly call: number;
  readonly port: RelayPort;
  readonly method: string;
  /** Its one parameter object, without the deadline. */
  readonly params: HopValue;
  readonly leftMs: number;
}

export type RelayAnswer =
  | { readonly kind: 'answer'; readonly call: number; readonly value: HopValue }
  | { readonly kind: 'refused'; readonly call: number; readonly error: HopError }
  /** A record of a task whose result the child waits for. */
  | { readonly kind: 'record'; readonly result: HopValue };
