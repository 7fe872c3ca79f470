import type { StateImage } from './ledger-state.js';
import type { SnapshotEntry } from './log-entry.js';

/** Puts the parts of the latest snapshot together. */
export class SnapshotCollector {
  private id: string | undefined;
  private texts: string[] = [];

  /** The state and its offset, with the last part. */
  add(
    entry: SnapshotEntry,
  ): { readonly upTo: number; readonly image: StateImage; readonly length: number } | undefined {
    if (entry.part === 0) {
      this.id = entry.id;
      this.texts = [];
    }
    // Parts of two snapshots may alternate; the later one will do.
    if (entry.id !== this.id || entry.part !== this.texts.length) return undefined;
    this.texts.push(entry.text);
    if (this.texts.length < entry.parts) return undefined;
    this.id = undefined;
    const text = this.texts.join('');
    try {
      return { upTo: entry.upTo, image: JSON.parse(text) as StateImage, length: text.length };
    } catch {
      return undefined;
    }
  }
}
