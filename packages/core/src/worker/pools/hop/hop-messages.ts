import type { ChildEntry } from '../child-entry.js';
import type { RelayAnswer, RelayCall } from '../relay/relay-messages.js';
import type { HopDelivery } from './hop-delivery.js';
import type { HopError } from './hop-error.js';
import type { HopOutcome } from './hop-outcome.js';
import type { HopValue } from './hop-value.js';

/** What a parent tells its child. */
export type ToChild =
  | RelayAnswer
  /** The first: make the application. `watchMemory`: tell how much memory is used after tasks. */
  | {
      readonly kind: 'boot';
      readonly entry: ChildEntry;
      readonly hostname: string;
      readonly watchMemory: boolean;
    }
  | { readonly kind: 'run'; readonly key: number; readonly delivery: HopDelivery }
  | { readonly kind: 'abort'; readonly key: number; readonly reason: HopError }
  /** The answer to `state`. */
  | { readonly kind: 'written'; readonly call: number; readonly error?: HopError | undefined }
  | { readonly kind: 'ping' }
  /** Close the application and end. */
  | { readonly kind: 'end' }
  /** End at once; it is killed soon. */
  | { readonly kind: 'exit' };

/** What a child tells its parent. */
export type FromChild =
  | RelayCall
  /** The application is made; with the names of its tasks. */
  | { readonly kind: 'ready'; readonly tasks: readonly string[] }
  /** The application can not be made. */
  | { readonly kind: 'unfit'; readonly error: HopError }
  | {
      readonly kind: 'ended';
      readonly key: number;
      readonly outcome: HopOutcome;
      /** Ids of the tasks that the run has sent. */
      readonly children?: readonly string[] | undefined;
      /** Signatures that it has added to its chord. */
      readonly added?: HopValue | undefined;
    }
  | {
      readonly kind: 'state';
      readonly key: number;
      readonly call: number;
      readonly state: string;
      readonly meta: HopValue;
    }
  /** Something went wrong that is not the failure of a task, such as what a hook has thrown. */
  | { readonly kind: 'problem'; readonly error: HopError }
  | { readonly kind: 'pong' }
  | { readonly kind: 'memory'; readonly bytes: number };
