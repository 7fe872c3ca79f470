/** What happened to a beat. */
export type BeatEvent =
  | { readonly type: 'beat-started'; readonly beat: string; readonly hostname: string }
  | { readonly type: 'beat-stopped'; readonly beat: string; readonly hostname: string }
  /** It sends the ticks from now on: for all hosts, or for its own. */
  | {
      readonly type: 'beat-leading';
      readonly lease: string;
      readonly hostname: string;
      readonly fence: number;
    }
  /** Another leads, or may lead: it sends none any more. */
  | {
      readonly type: 'beat-following';
      readonly lease: string;
      readonly hostname: string;
      readonly reason: string;
    }
  /** A tick was sent, or not: the last run goes on (`skipped`), or was it put off until that ends (`queued`). */
  | {
      readonly type: 'beat-tick';
      readonly schedule: string;
      readonly taskName: string;
      readonly taskId: string;
      readonly outcome: 'sent' | 'skipped' | 'queued';
      /** Milliseconds since 1970 UTC. */
      readonly dueMs: number;
      /** When it was recorded. */
      readonly timestampMs: number;
    }
  /** A schedule can not be read or sent, or a store call failed. */
  | { readonly type: 'beat-problem'; readonly schedule: string | undefined; readonly error: unknown };
