import type { Done } from '../../batch/coalescer.js';
import { CHORD_ID_TAKEN } from '../../errors/canvas-errors.js';
import { STORE_UNREACHABLE } from '../../errors/store-errors.js';
import type { DecodeOptions } from '../../message/decode-task.js';
import type { Settlement, SettleOutcome, SettleVerb } from '../../ports/settlement.js';
import type { Stores } from '../../stores/stores.js';
import type { Run } from '../run.js';
import type { Settler } from '../settler.js';
import { chordBody } from './chord-body.js';
import { failedPlans } from './failed-plans.js';
import { type FollowParts, type FollowUps, noFollowUps } from './following.js';
import { LooseEnds } from './loose-ends.js';
import { endOfLost, lostFollowers } from './lost-followers.js';
import { destinationsOf, prepare } from './prepare.js';
import type { WorkflowSettlement } from './workflow-settlement.js';

/** Before a task is tried again for which queues or chords could not be made. */
const againAfterMs = 1000;

/** `returned`: what was to follow could not be prepared, so that its message went back: nothing of the settlement took effect. */
export type WorkflowOutcome = SettleOutcome | { readonly kind: 'returned' };

export interface WorkflowSettlerParts {
  readonly stores: Stores;
  readonly settler: Settler;
  readonly follow: FollowParts;
  readonly decoding: DecodeOptions;
  readonly createMissingQueues: boolean;
  readonly newId: () => string;
  /** Told what an operator should know and nobody waits for. */
  readonly onProblem: (error: unknown, run?: Run) => void;
}

/**
 * Settles tasks that are parts of workflows. Queues and chords that the messages need are there before them. When a part turns out to be
 * the last one of its chord, its delivery is settled a second time, with the body: a worker that dies in between leaves the delivery to
 * another one, which finds the same.
 */
export class WorkflowSettler {
  readonly looseEnds: LooseEnds;
  private readonly pending = new Set<Promise<void>>();

  constructor(private readonly parts: WorkflowSettlerParts) {
    this.looseEnds = new LooseEnds(parts);
  }

  push(run: Run, settlement: WorkflowSettlement, done: Done<WorkflowOutcome>): void {
    const { stores, createMissingQueues } = this.parts;
    const { followed } = settlement;
    if (followed === undefined) {
      this.hand(run, settlement, done);
      return;
    }
    const missing = destinationsOf(followed, stores, createMissingQueues);
    if (followed.chords.length === 0 && missing.length === 0) this.settle(run, settlement, followed, done);
    else this.track(this.prepared(run, settlement, followed, missing, done));
  }

  /** Resolves when all that was pushed has its outcome. */
  async drained(): Promise<void> {
    do {
      await Promise.all(this.pending);
      await this.parts.settler.drained();
    } while (this.pending.size > 0);
  }

  private async prepared(
    run: Run,
    settlement: WorkflowSettlement,
    followed: FollowUps,
    missing: readonly string[],
    done: Done<WorkflowOutcome>,
  ): Promise<void> {
    const { stores } = this.parts;
    try {
      const taken = await prepare(followed, missing, stores);
      if (taken === undefined) {
        this.settle(run, settlement, followed, done);
        return;
      }
      const error = CHORD_ID_TAKEN.create({ groupId: taken });
      this.parts.onProblem(error, run);
      this.pushFailed(run, settlement, followed, error, done);
    } catch (error) {
      if (STORE_UNREACHABLE.is(error)) {
        done(undefined, error);
        return;
      }
      this.parts.onProblem(error, run);
      if (run.acknowledgement === undefined) {
        // Nothing was settled: others do it again, from the beginning. That would go on for ever, so that it counts.
        const { delivery } = settlement;
        const verb: SettleVerb = { kind: 'requeue', delayMs: againAfterMs };
        this.hand(run, { delivery, verb, results: [], publishes: [], joins: [] }, (outcome, failure) => {
          if (outcome === undefined) done(undefined, failure);
          else done(outcome.kind === 'settled' ? { kind: 'returned' } : outcome, undefined);
        });
        return;
      }
      // Its message is gone, so that nobody can do it again: what was to follow can not be sent.
      const cause = error instanceof Error ? error : new Error(String(error));
      this.pushFailed(run, settlement, followed, cause, done);
    }
  }

  /** What was to be sent can not be: it fails in its place. */
  private pushFailed(
    run: Run,
    settlement: WorkflowSettlement,
    followed: FollowUps,
    error: Error,
    done: Done<WorkflowOutcome>,
  ): void {
    const failed = failedPlans(followed.followers, followed.chords, error, this.parts.follow);
    this.push(run, withFollowed(settlement, { ...followed, followers: [], chords: [] }, failed), done);
  }

  /** Of a task whose message is gone already only what belongs to it is written. */
  private hand(run: Run, settlement: Settlement, done: Done<SettleOutcome>): void {
    if (run.acknowledgement === undefined) this.parts.settler.push(settlement, done);
    else this.parts.settler.pushDetached(settlement, done);
  }

  private settle(
    run: Run,
    settlement: WorkflowSettlement,
    followed: FollowUps,
    done: Done<WorkflowOutcome>,
  ): void {
    const { followed: _followed, ...bare } = settlement;
    this.hand(run, bare, (outcome, error) => {
      if (outcome?.kind === 'complete') {
        this.push(run, this.completed(run, settlement, followed, outcome.joined), done);
        return;
      }
      if (outcome?.kind === 'settled') {
        const lost = lostFollowers(followed.followers, outcome.published);
        if (lost.length > 0) this.track(this.looseEnds.tie(endOfLost(lost, this.parts.follow)));
      }
      if (outcome === undefined) done(undefined, error);
      else done(outcome, undefined);
    });
  }

  /** What is settled once the chords are complete: all that was to follow, and their bodies. */
  private completed(
    run: Run,
    settlement: WorkflowSettlement,
    followed: FollowUps,
    joined: Extract<SettleOutcome, { kind: 'complete' }>['joined'],
  ): WorkflowSettlement {
    const { follow, decoding } = this.parts;
    const closes = [...(settlement.closes ?? [])];
    let next: WorkflowSettlement = { ...settlement, results: [], joins: [], closes };
    let rest: FollowUps = { ...followed, chords: [], results: [], joins: [] };
    for (const [index, one] of joined.entries()) {
      const joining = followed.joins[index];
      if (one.kind !== 'complete' || joining === undefined) continue;
      closes.push(joining.part.groupId);
      const { stamps, rootId = run.taskId } = run.message ?? {};
      const origin = { id: run.taskId, rootId, stamps };
      next = withFollowed(next, rest, chordBody(joining, one, origin, follow, decoding));
      rest = next.followed ?? noFollowUps;
    }
    return { ...next, closes };
  }

  private track(work: Promise<void>): void {
    const tracked = work
      .catch((error: unknown) => this.parts.onProblem(error))
      .finally(() => this.pending.delete(tracked));
    this.pending.add(tracked);
  }
}

/** A settlement with more that follows. */
function withFollowed(
  settlement: WorkflowSettlement,
  first: FollowUps,
  second: FollowUps,
): WorkflowSettlement {
  const followed: FollowUps = {
    followers: [...first.followers, ...second.followers],
    chords: [...first.chords, ...second.chords],
    results: [...first.results, ...second.results],
    joins: [...first.joins, ...second.joins],
    children: first.children,
  };
  return {
    ...settlement,
    results: [...settlement.results, ...second.results],
    publishes: followed.followers.map(({ publication }) => publication),
    joins: followed.joins.map(({ part }) => part),
    followed,
  };
}
