import type { Clock } from '../clock/clock.js';
import type { ChordPart, Joined } from '../ports/chord-part.js';
import { ExpiryIndex } from './expiry-index.js';

interface Chord {
  readonly groupId: string;
  /** Parts by task id; empty after completion, when only the fact of it is kept. */
  readonly parts: Map<string, ChordPart>;
  /** Number of parts at completion. */
  completeAt: number | undefined;
  expiresAt: number;
}

/** Counts the finished parts of chords. */
export class ChordTable {
  private readonly chords = new Map<string, Chord>();
  private readonly expiry: ExpiryIndex<Chord>;

  constructor(clock: Clock) {
    this.expiry = new ExpiryIndex(clock, (chord, now) => this.expire(chord, now));
  }

  join(part: ChordPart, nowMs: number): Joined {
    const chord = this.chordOf(part, nowMs);
    // A part that comes again after completion must find that it is complete, or the body would be sent twice.
    if (chord.completeAt !== undefined) return { kind: 'waiting', count: chord.completeAt };
    // The first report stays, as a SUCCESS record does.
    if (!chord.parts.has(part.taskId)) chord.parts.set(part.taskId, part);
    if (chord.parts.size < part.size) return { kind: 'waiting', count: chord.parts.size };
    const documents = [...chord.parts.values()]
      .toSorted((a, b) => positionOf(a) - positionOf(b))
      .map(({ document }) => document);
    chord.completeAt = chord.parts.size;
    chord.parts.clear();
    return { kind: 'complete', documents };
  }

  close(): void {
    this.expiry.close();
    this.chords.clear();
  }

  /** The chord of a part, kept as long as the part wants at least. */
  private chordOf({ groupId, ttlMs }: ChordPart, nowMs: number): Chord {
    const expiresAt = ttlMs === undefined ? Number.POSITIVE_INFINITY : nowMs + ttlMs;
    const present = this.chords.get(groupId);
    if (present !== undefined && present.expiresAt > nowMs) {
      present.expiresAt = Math.max(present.expiresAt, expiresAt);
      return present;
    }
    const chord: Chord = { groupId, parts: new Map(), completeAt: undefined, expiresAt };
    this.chords.set(groupId, chord);
    this.expiry.file(chord, expiresAt);
    return chord;
  }

  private expire(chord: Chord, nowMs: number): number | undefined {
    if (this.chords.get(chord.groupId) !== chord) return undefined;
    if (chord.expiresAt > nowMs) return chord.expiresAt;
    this.chords.delete(chord.groupId);
    return undefined;
  }
}

const positionOf = (part: ChordPart): number => part.groupIndex ?? Number.MAX_SAFE_INTEGER;
