/** A message that was claimed. */
export interface ClaimedEntry {
  readonly queue: string;
  /** Under it the server knows the delivery, whatever else stands in the envelope. */
  readonly tag: string;
  /** The envelope. */
  readonly text: string;
}

export interface ClaimAnswer {
  /** Until the next delayed message is due; `undefined`: there is none. */
  readonly untilDueMs: number | undefined;
  /** False: no task of this database is revoked. */
  readonly revoked: false | undefined;
  /** Keys that hold something else than they should. */
  readonly damaged: readonly { readonly key: string; readonly holds: string }[];
  readonly entries: readonly ClaimedEntry[];
}

/** The tag of an envelope that begins with it, as the claim script finds it. */
const leadingTag = /^\{"properties":\{"delivery_tag":"([^"\\]+)"/;

/** Reads what the claim script answers, see there. */
export function readClaimAnswer(answer: readonly unknown[]): ClaimAnswer {
  const [nextDue, revokedCount, problems] = answer;
  const told = Array.isArray(problems) ? problems.map(String) : [];
  const damaged: { key: string; holds: string }[] = [];
  for (let at = 0; at < told.length; at += 2)
    damaged.push({ key: told[at] ?? '', holds: told[at + 1] ?? '' });
  const entries: ClaimedEntry[] = [];
  for (let at = 3; at < answer.length; at += 1) {
    const group = answer[at] as readonly unknown[];
    const queue = String(group[0]);
    for (let index = 1; index < group.length; index += 1) entries.push(entryOf(queue, group[index]));
  }
  return {
    untilDueMs: nextDue === '' ? undefined : Number(nextDue),
    revoked: revokedCount === 0 ? false : undefined,
    damaged,
    entries,
  };
}

/** @param entry an envelope, or a list of delivery tag and envelope where it does not begin with its tag */
function entryOf(queue: string, entry: unknown): ClaimedEntry {
  if (Array.isArray(entry)) return { queue, tag: String(entry[0]), text: String(entry[1]) };
  const text = String(entry);
  return { queue, tag: leadingTag.exec(text)?.[1] ?? '', text };
}
