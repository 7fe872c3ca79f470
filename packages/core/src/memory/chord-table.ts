import type { Clock } from '../clock/clock.js';
import type { Encoded } from '../message/encoded.js';
import type { Chord, ChordOpening, ChordPart, Joined, OpenChord } from '../ports/chord-part.js';
import { ExpiryIndex } from './expiry-index.js';

interface KnownChord {
  readonly groupId: string;
  /** Parts by task id. */
  readonly parts: Map<string, ChordPart>;
  /** Parts that others have added to it. */
  added: number;
  /** Set when it was opened. */
  opened: { readonly chord: Chord; readonly atMs: number } | undefined;
  /** The part that completed it. */
  completedBy: string | undefined;
  /** Number of parts at its completion. */
  count: number;
  closed: boolean;
  expiresAt: number;
}

interface Group {
  readonly groupId: string;
  readonly document: Encoded;
  readonly expiresAt: number;
}

/** Counts the finished parts of chords, and keeps the documents of groups. */
export class ChordTable {
  private readonly chords = new Map<string, KnownChord>();
  private readonly groups = new Map<string, Group>();
  private readonly expiry: ExpiryIndex<KnownChord>;
  private readonly groupExpiry: ExpiryIndex<Group>;

  constructor(private readonly clock: Clock) {
    this.expiry = new ExpiryIndex(clock, (chord, now) => this.expire(chord, now));
    this.groupExpiry = new ExpiryIndex(clock, (group) => {
      if (this.groups.get(group.groupId) === group) this.groups.delete(group.groupId);
      return undefined;
    });
  }

  open(chord: Chord, nowMs: number): ChordOpening {
    const { groupId, owner, structure, ttlMs } = chord;
    const known = this.chordOf(groupId, ttlMs, nowMs);
    if (known.opened !== undefined)
      return known.opened.chord.owner === owner ? { kind: 'opened' } : { kind: 'taken' };
    known.opened = { chord, atMs: this.clock.wallNow() };
    if (structure !== undefined) this.putGroup(groupId, structure, ttlMs, nowMs);
    return { kind: 'opened' };
  }

  join(part: ChordPart, nowMs: number): Joined {
    const chord = this.chordOf(part.groupId, part.ttlMs, nowMs);
    if (chord.completedBy !== undefined)
      return chord.completedBy === part.taskId && !chord.closed
        ? this.complete(chord, nowMs)
        : waiting(chord.count);
    // The first report stays, as a SUCCESS record does.
    if (!chord.parts.has(part.taskId)) {
      chord.parts.set(part.taskId, part);
      chord.added += part.adds ?? 0;
    }
    chord.count = chord.parts.size;
    const size = (chord.opened?.chord.size ?? Number.POSITIVE_INFINITY) + chord.added;
    if (chord.count < size) return waiting(chord.count);
    chord.completedBy = part.taskId;
    return this.complete(chord, nowMs);
  }

  shut(groupId: string, nowMs: number): void {
    const chord = this.chords.get(groupId);
    if (chord === undefined || chord.expiresAt <= nowMs) return;
    chord.closed = true;
    chord.completedBy ??= '';
    chord.parts.clear();
  }

  openedBefore(beforeMs: number, limit: number): readonly OpenChord[] {
    return [...this.chords.values()]
      .flatMap(({ groupId, opened, closed }) =>
        opened === undefined || closed || opened.atMs >= beforeMs
          ? []
          : [{ groupId, record: opened.chord.record, openedAtMs: opened.atMs }],
      )
      .toSorted((a, b) => a.openedAtMs - b.openedAtMs)
      .slice(0, limit);
  }

  putGroup(groupId: string, document: Encoded, ttlMs: number | undefined, nowMs: number): void {
    const expiresAt = ttlMs === undefined ? Number.POSITIVE_INFINITY : nowMs + ttlMs;
    const group: Group = { groupId, document, expiresAt };
    this.groups.set(groupId, group);
    this.groupExpiry.file(group, expiresAt);
  }

  group(groupId: string, nowMs: number): Encoded | undefined {
    const group = this.groups.get(groupId);
    return group === undefined || group.expiresAt <= nowMs ? undefined : group.document;
  }

  close(): void {
    this.expiry.close();
    this.groupExpiry.close();
    this.chords.clear();
    this.groups.clear();
  }

  private complete(chord: KnownChord, nowMs: number): Joined {
    const documents = [...chord.parts.values()]
      .toSorted((a, b) => positionOf(a) - positionOf(b))
      .map(({ document }) => document);
    const structure = this.group(chord.groupId, nowMs);
    return { kind: 'complete', documents, ...(structure !== undefined && { structure }) };
  }

  /** The chord of a part, kept as long as the part wants at least. */
  private chordOf(groupId: string, ttlMs: number | undefined, nowMs: number): KnownChord {
    const expiresAt = ttlMs === undefined ? Number.POSITIVE_INFINITY : nowMs + ttlMs;
    const present = this.chords.get(groupId);
    if (present !== undefined && present.expiresAt > nowMs) {
      present.expiresAt = Math.max(present.expiresAt, expiresAt);
      return present;
    }
    const chord: KnownChord = {
      groupId,
      parts: new Map(),
      added: 0,
      opened: undefined,
      completedBy: undefined,
      count: 0,
      closed: false,
      expiresAt,
    };
    this.chords.set(groupId, chord);
    this.expiry.file(chord, expiresAt);
    return chord;
  }

  private expire(chord: KnownChord, nowMs: number): number | undefined {
    if (this.chords.get(chord.groupId) !== chord) return undefined;
    if (chord.expiresAt > nowMs) return chord.expiresAt;
    this.chords.delete(chord.groupId);
    return undefined;
  }
}

const waiting = (count: number): Joined => ({ kind: 'waiting', count });
const positionOf = (part: ChordPart): number => part.groupIndex ?? Number.MAX_SAFE_INTEGER;
