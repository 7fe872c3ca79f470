import { chordOf } from '../../calls/chord-of.js';
import type { CallParts } from '../../calls/call-parts.js';
import { derivedIds } from '../../calls/derived-ids.js';
import { publicationOf } from '../../calls/planned-publication.js';
import { type FailedPart, type Failures, failAll } from '../../canvas/fail-all.js';
import type { Plan, PlanContext, PlannedTask } from '../../canvas/plan.js';
import { type ResultNode, tupleOf } from '../../canvas/result-node.js';
import { planOf } from '../../canvas/start.js';
import { errorInShort } from '../../message/error-in-short.js';
import { errorToJson, tracebackOf } from '../../message/error-json.js';
import type { Encoded } from '../../message/encoded.js';
import { encodeResult } from '../../message/result-document.js';
import type { ErrorJson, ResultTuple } from '../../message/result-record.js';
import { serializerFor } from '../../message/serializers.js';
import type { SignatureJson } from '../../message/signature-json.js';
import type { TaskMessage } from '../../message/task-message.js';
import type { Chord, ChordPart } from '../../ports/chord-part.js';
import type { Publication } from '../../ports/publication.js';
import type { StoredResult } from '../../ports/stored-result.js';

/** What follow-ups are made with. */
export interface FollowParts extends CallParts {
  readonly keepResults: boolean;
}

/** A message that follows, with the plan from which it was made: needed should there be no queue for it. */
export interface Follower {
  readonly publication: Publication;
  readonly planned: PlannedTask;
}

/** What goes out together with the end of a task. */
export interface FollowUps {
  /** Messages to send, with ids that are the same however often they are made. */
  readonly followers: readonly Follower[];
  /** Chords that begin with these messages; opened before. */
  readonly chords: readonly Chord[];
  /** Records of tasks that will never run. */
  readonly results: readonly StoredResult[];
  /** The chords that the task, and those that will never run, are parts of. */
  readonly joins: readonly JoiningPart[];
  /** What the task has begun, for its own record. */
  readonly children: readonly ResultTuple[];
}

/** A part with the body that follows when it is the last one. */
export interface JoiningPart {
  readonly part: ChordPart;
  readonly body: SignatureJson;
}

const none: readonly never[] = [];
export const noFollowUps: FollowUps = {
  followers: none,
  chords: none,
  results: none,
  joins: none,
  children: none,
};

/** The task or chord whose end is followed. */
export interface Origin {
  readonly id: string;
  readonly rootId: string;
  /** Go on with what follows. */
  readonly stamps?: TaskMessage['stamps'];
  /** Where whoever began the workflow hears of it. */
  readonly replyTo?: string | undefined;
}

/** An error as it is stored under every id that it concerns. */
export interface FailureRecord {
  readonly state: string;
  readonly result: ErrorJson;
  readonly traceback: string | undefined;
}

export function failureRecord(state: string, error: unknown): FailureRecord {
  return { state, result: errorToJson(error), traceback: tracebackOf(error) };
}

/** Collects what follows one end. */
export class Following implements FollowUps {
  readonly followers: Follower[] = [];
  readonly chords: Chord[] = [];
  readonly results: StoredResult[] = [];
  readonly joins: JoiningPart[] = [];
  readonly children: ResultTuple[] = [];
  private readonly context: PlanContext;
  private readonly owner: string;

  constructor(
    readonly parts: FollowParts,
    readonly origin: Origin,
    /** Tells the ids of one kind of end from those of another. */
    kind: string,
  ) {
    this.owner = `${origin.id}:${kind}`;
    this.context = { newId: derivedIds(this.owner), rootId: origin.rootId, parentId: origin.id };
  }

  /** @param options in Celery's names */
  apply(json: SignatureJson, args: readonly unknown[], options: SignatureJson['options'] = {}): ResultNode {
    const plan = planOf(json, args, {}, options, this.context);
    this.send(plan);
    this.children.push(tupleOf(firstOf(plan.node)));
    return plan.node;
  }

  join(
    taskId: string,
    groupId: string,
    groupIndex: number | undefined,
    document: Encoded,
    body: SignatureJson,
    adds = 0,
  ): void {
    const ttlMs = this.parts.resultTtlMs;
    const part = { groupId, taskId, groupIndex, document, ttlMs, ...(adds > 0 && { adds }) };
    this.joins.push({ part, body });
  }

  /** Ends all that waits for something that has failed. */
  fail(signatures: readonly SignatureJson[], failure: FailureRecord): void {
    this.failAll(failAll(signatures), failure);
  }

  failAll({ ids, parts }: Failures, failure: FailureRecord): void {
    for (const id of ids) this.storeFailure(id, failure);
    for (const part of parts) this.failPart(part, failure);
  }

  /** The part of a chord, in Celery's form. A value that can not be written has failed to be stored already. */
  partDocument(taskId: string, state: string, result: unknown): Encoded {
    const { limits, serializer } = this.parts;
    return serializerFor(serializer).serialize([1, taskId, state, result], {
      limits,
      jsonTypes: 'typed',
      where: 'result',
      maxBytes: limits.maxBytes,
      identity: { taskId },
    });
  }

  failedDocument(taskId: string, { state, result }: FailureRecord): Encoded {
    try {
      return this.partDocument(taskId, state, result);
    } catch (refusal) {
      return this.partDocument(taskId, state, errorInShort(result, refusal));
    }
  }

  private failPart({ taskId, groupId, groupIndex, chord }: FailedPart, failure: FailureRecord): void {
    this.join(taskId, groupId, groupIndex, this.failedDocument(taskId, failure), chord);
  }

  private storeFailure(taskId: string, { state, result, traceback }: FailureRecord): void {
    const { keepResults, serializer, limits, clock, resultTtlMs } = this.parts;
    if (!keepResults) return;
    const record = {
      taskId,
      state,
      result,
      traceback,
      children: none,
      dateDone: new Date(clock.wallNow()),
      groupId: undefined,
      parentId: this.origin.id,
      extended: undefined,
    };
    let document: Encoded;
    try {
      document = encodeResult(record, { serializer, limits });
    } catch (refusal) {
      document = encodeResult(
        { ...record, result: errorInShort(result, refusal), traceback: undefined },
        { serializer, limits },
      );
    }
    this.results.push({ taskId, state, document, ttlMs: resultTtlMs, replyTo: this.replyTo });
  }

  /** Where results are not shared, whoever began hears of what follows too. */
  private get replyTo(): string | undefined {
    return this.parts.replyTo === undefined ? undefined : this.origin.replyTo;
  }

  private send(plan: Plan): void {
    const parts = this.parts.replyTo === undefined ? this.parts : { ...this.parts, replyTo: this.replyTo };
    for (const planned of plan.tasks)
      this.followers.push({ publication: publicationOf(planned, parts, this.origin.stamps), planned });
    for (const chord of plan.chords) this.chords.push(chordOf(chord, this.owner, this.parts.resultTtlMs));
  }
}

/** What was really begun: of a chain its first step, of a chord its header. */
function firstOf(node: ResultNode): ResultNode {
  let first = node;
  while (first.parent !== undefined) first = first.parent;
  return first;
}
