/** What to acknowledge: everything up to a tag at once, and some single ones. */
export interface Acknowledgement {
  /** With all tags below it. */
  readonly upTo: number | undefined;
  readonly singles: readonly number[];
}

/**
 * The delivery tags of one channel that are not settled yet. The server counts them up from 1.
 *
 * Acknowledgements are gathered and leave as few frames as possible: one with `multiple` up to the highest tag below which
 * everything is settled or is to be acknowledged now, and single ones for those above. A tag that was given back or is still in
 * hand is never covered.
 */
export class UnsettledTags {
  /** In ascending order, as the server hands them out. */
  private readonly open = new Set<number>();
  private readonly acknowledged = new Set<number>();

  /** Tags in hand, those included whose acknowledgement has not been taken yet. */
  get size(): number {
    return this.open.size;
  }

  delivered(tag: number): void {
    this.open.add(tag);
  }

  /** To be acknowledged with the next `take`. */
  acknowledge(tag: number): void {
    if (this.open.has(tag)) this.acknowledged.add(tag);
  }

  /** Rejected by a frame of its own. */
  remove(tag: number): void {
    this.open.delete(tag);
    this.acknowledged.delete(tag);
  }

  /** What is to be acknowledged now. */
  take(): Acknowledgement {
    let upTo: number | undefined;
    for (const tag of this.open) {
      if (!this.acknowledged.delete(tag)) break;
      this.open.delete(tag);
      upTo = tag;
    }
    const singles = [...this.acknowledged].toSorted((a, b) => a - b);
    for (const tag of singles) this.open.delete(tag);
    this.acknowledged.clear();
    return { upTo, singles };
  }
}
