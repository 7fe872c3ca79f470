import type { Timer } from '../../clock/clock.js';
import { freeze } from '../../canvas/freeze.js';
import type { ResultNode } from '../../canvas/result-node.js';
import { nodeOf } from '../../canvas/result-node.js';
import { readSignature } from '../../canvas/signature-shape.js';
import { CAPABILITY_MISSING } from '../../errors/config-errors.js';
import { errorFromJson } from '../../message/remote-error.js';
import { decodeResult } from '../../message/result-document.js';
import type { ResultRecord } from '../../message/result-record.js';
import { resultTuples } from '../../message/result-tuples.js';
import type { SignatureJson } from '../../message/signature-json.js';
import { hasFailed, isReady, TaskState } from '../../message/task-state.js';
import type { OpenChord } from '../../ports/chord-part.js';
import { failureRecord, Following } from './following.js';
import type { LooseEnds, LooseEndsParts } from './loose-ends.js';

export interface WorkflowSweeperParts extends LooseEndsParts {
  readonly looseEnds: LooseEnds;
  readonly hostname: string;
  readonly onProblem: (error: unknown) => void;
}

/** Between two looks. A chord is touched only when it was found as it is twice: whoever is about to go on with it has had this time. */
const everyMs = 60_000;
const mostChords = 200;

/** A part that has ended, or will never begin, and has not been reported. */
interface Unreported {
  readonly taskId: string;
  readonly index: number;
  readonly record: ResultRecord;
  /** Nothing is stored under its own id. */
  readonly neverRan: boolean;
}

/**
 * Looks from time to time for chords that wait for parts which have ended and were never reported: a Python worker reports none of a task
 * that it does not know, nor of the steps behind a revoked one, and may die between counting and going on. One worker of all looks at a
 * time, where there is a ledger.
 */
export class WorkflowSweeper {
  private timer: Timer | undefined;
  private stopped = true;
  private suspects = new Set<string>();

  constructor(private readonly parts: WorkflowSweeperParts) {}

  start(): void {
    if (!this.stopped || this.parts.stores.results === undefined) return;
    this.stopped = false;
    this.later();
  }

  stop(): void {
    this.stopped = true;
    this.timer?.cancel();
  }

  /** One look. */
  async sweep(): Promise<void> {
    const { stores } = this.parts;
    const { results, clock } = stores;
    if (results === undefined || !(await this.leads())) return;
    const beforeMs = clock.wallNow() - everyMs;
    const open = await results.openChords({ beforeMs, limit: mostChords, deadline: stores.deadline() });
    const before = this.suspects;
    this.suspects = new Set();
    for (const chord of open) {
      const unreported = await this.unreported(chord);
      if (unreported.length === 0) continue;
      const mark = `${chord.groupId} ${unreported.map(({ taskId }) => taskId).join(' ')}`;
      if (before.has(mark)) await this.report(chord, unreported);
      else this.suspects.add(mark);
    }
  }

  private later(): void {
    if (this.stopped) return;
    this.timer = this.parts.stores.clock.after(everyMs, () => {
      this.sweep().then(
        () => this.later(),
        (error: unknown) => {
          // A store that counts no parts has no chords either.
          if (CAPABILITY_MISSING.is(error)) return;
          this.parts.onProblem(error);
          this.later();
        },
      );
    });
  }

  private async leads(): Promise<boolean> {
    const { stores, hostname } = this.parts;
    if (stores.ledger === undefined) return true;
    const lease = {
      name: 'lovage:workflows',
      owner: hostname,
      ttlMs: everyMs * 2,
      deadline: stores.deadline(),
    };
    return (await stores.ledger.acquire(lease)).kind === 'acquired';
  }

  /** Parts that have come to an end, of a chord of which no part is still to come. */
  private async unreported({ record }: OpenChord): Promise<readonly Unreported[]> {
    const { stores, decoding } = this.parts;
    const { header } = read(record);
    const members = header === undefined ? [] : [...membersOf(header)];
    const records = new Map<string, ResultRecord>();
    const asked = new Set<string>();
    // Members may have added others, whose results are looked at in their turn.
    for (let next: readonly Member[] = members; next.length > 0; ) {
      const ids = [...new Set(next.flatMap(({ steps }) => steps))].filter((id) => !asked.has(id));
      const stored = await stores.results?.get({ taskIds: ids, deadline: stores.deadline() });
      for (const [at, id] of ids.entries()) {
        asked.add(id);
        const one = stored?.[at];
        if (one !== undefined && isReady(one.state)) records.set(id, decodeResult(one.document, decoding));
      }
      next = next.flatMap(({ steps: [id = ''], index }) =>
        ids.includes(id) ? addedBy(records.get(id), index) : [],
      );
      members.push(...next);
    }
    const ended = members.map(({ steps, index }): Unreported | undefined => {
      const [taskId = ''] = steps;
      const own = records.get(taskId);
      if (own !== undefined) return { taskId, index, record: own, neverRan: false };
      const broken = steps
        .map((id) => records.get(id))
        .find((one) => one !== undefined && hasFailed(one.state));
      return broken === undefined ? undefined : { taskId, index, record: broken, neverRan: true };
    });
    const known = ended.filter((one) => one !== undefined);
    return known.length === members.length ? known : [];
  }

  /** As if their workers had done it. */
  private async report({ groupId, record }: OpenChord, unreported: readonly Unreported[]): Promise<void> {
    const { body } = read(record);
    if (body === undefined) return;
    const following = new Following(this.parts.follow, { id: groupId, rootId: groupId }, 'sweep');
    for (const { taskId, index, record: end, neverRan } of unreported) {
      const failure = {
        ...failureRecord(end.state, errorFromJson(end.result, end.traceback)),
        state: end.state,
      };
      if (neverRan) following.failAll({ ids: [taskId], parts: [] }, failure);
      const document =
        end.state === TaskState.SUCCESS
          ? following.partDocument(taskId, end.state, end.result)
          : following.failedDocument(taskId, failure);
      following.join(taskId, groupId, index, document, body);
    }
    await this.parts.looseEnds.tie(following);
  }
}

function read(record: string): {
  readonly body: SignatureJson | undefined;
  readonly header: ResultNode | undefined;
} {
  try {
    const { body, header } = JSON.parse(record) as { readonly body?: unknown; readonly header?: unknown };
    const [tuple] = resultTuples([header]);
    return { body: readSignature(body), header: tuple && nodeOf(tuple) };
  } catch {
    return { body: undefined, header: undefined };
  }
}

interface Member {
  /** Its end, and the steps before that. */
  readonly steps: readonly string[];
  readonly index: number;
}

/** What a member has added to its chord; all of it has its ids. */
function addedBy(record: ResultRecord | undefined, index: number): readonly Member[] {
  const added = record?.added ?? [];
  return added.flatMap((json) =>
    leaves(freeze(readSignature(json), () => '').node).map((leaf) => ({ steps: stepsOf(leaf), index })),
  );
}

function membersOf(header: ResultNode): readonly Member[] {
  if (header.kind === 'task') return [];
  return header.members.flatMap((member, index) =>
    leaves(member).map((leaf) => ({ steps: stepsOf(leaf), index })),
  );
}

const leaves = (node: ResultNode): readonly ResultNode[] =>
  node.kind === 'task'
    ? [node]
    : node.members.flatMap((member) => leaves({ ...member, parent: member.parent ?? node.parent }));

/** Ids of a task and of those before it in its chain; of a group before it those of its members. */
function stepsOf(leaf: ResultNode): readonly string[] {
  const ids: string[] = [];
  for (let node: ResultNode | undefined = leaf; node !== undefined; node = node.parent) {
    if (node.kind === 'task') ids.push(node.id);
    else ids.push(...node.members.flatMap(stepsOf));
  }
  return ids;
}
