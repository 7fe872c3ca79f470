import { readSignature } from '../../../canvas/signature-shape.js';
import type { EncodeContext } from '../../../message/codec-context.js';
import { Retry, type RetryOverrides } from '../../../task/outcome-signals.js';
import type { Outcome } from '../../outcome.js';
import { fromHopError, type HopError, toHopError } from './hop-error.js';
import { fromHopValue, type HopValue, toHopValue } from './hop-value.js';

/** How a run ended, on its way from a child: what a task can bring about by itself. */
export type HopOutcome =
  | { readonly kind: 'succeeded'; readonly value: HopValue }
  /** `exhausted`: it wanted a retry, and none was left. */
  | { readonly kind: 'failed'; readonly error: HopError; readonly exhausted?: boolean | undefined }
  | {
      readonly kind: 'retried';
      readonly error?: HopError | undefined;
      readonly notBeforeMs: number;
      /** `RetryOverrides`. */
      readonly overrides: HopValue;
    }
  | { readonly kind: 'ignored' }
  | { readonly kind: 'replaced'; readonly signature: HopValue }
  | { readonly kind: 'rejected'; readonly reason: string; readonly requeue: boolean };

/** A value that can not be written is the failure of the task, as it is where no child is between. */
export function toHopOutcome(outcome: Outcome, context: EncodeContext): HopOutcome {
  switch (outcome.kind) {
    case 'succeeded':
      try {
        return { kind: 'succeeded', value: toHopValue(outcome.value, context) };
      } catch (error) {
        return { kind: 'failed', error: toHopError(error) };
      }
    case 'failed':
      return { kind: 'failed', error: toHopError(outcome.error) };
    case 'retried': {
      const { error, notBeforeMs, overrides } = outcome.retry;
      const hopError = error === undefined ? undefined : toHopError(error);
      try {
        return { kind: 'retried', error: hopError, notBeforeMs, overrides: toHopValue(overrides, context) };
      } catch (refusal) {
        return { kind: 'failed', error: toHopError(refusal) };
      }
    }
    case 'ignored':
      return { kind: 'ignored' };
    case 'replaced':
      try {
        return { kind: 'replaced', signature: toHopValue(outcome.signature, context) };
      } catch (error) {
        return { kind: 'failed', error: toHopError(error) };
      }
    case 'rejected':
      return { kind: 'rejected', reason: outcome.reason, requeue: outcome.requeue };
    case 'lost':
    case 'parked':
    case 'postponed':
    case 'released':
    case 'superseded':
    case 'revoked':
  }
  throw new Error(`a run in a child does not end as ${outcome.kind}`);
}

export function fromHopOutcome(hop: HopOutcome): Outcome {
  switch (hop.kind) {
    case 'succeeded':
      return { kind: 'succeeded', value: fromHopValue(hop.value) };
    case 'failed':
      return { kind: 'failed', error: fromHopError(hop.error) };
    case 'retried':
      return {
        kind: 'retried',
        retry: new Retry(
          hop.error === undefined ? undefined : fromHopError(hop.error),
          hop.notBeforeMs,
          fromHopValue(hop.overrides) as RetryOverrides,
        ),
      };
    case 'ignored':
      return { kind: 'ignored' };
    case 'replaced':
      return { kind: 'replaced', signature: readSignature(fromHopValue(hop.signature)) };
    case 'rejected':
      break;
  }
  return { kind: 'rejected', reason: hop.reason, requeue: hop.requeue };
}
