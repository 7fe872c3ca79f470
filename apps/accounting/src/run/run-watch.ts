import type { BrokerUnderTest } from '../brokers/broker-under-test.js';
import type { RunFolder } from '../check/run-folder.js';
import { EvidenceTail } from '../evidence/evidence-tail.js';

/** How far a run is. */
export interface Progress {
  readonly sent: number;
  readonly confirmed: number;
  readonly ended: number;
}

const everyMs = 500;

/**
 * Follows a run while it goes on: counts, and looks at the result of every task once after its end, to be compared with
 * what is there when all is over.
 */
export class RunWatch {
  private readonly tail: EvidenceTail;
  private readonly toSee = new Set<string>();
  private readonly counts = { sent: 0, confirmed: 0, ended: 0 };
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | undefined;
  private closed = false;

  constructor(
    private readonly folder: RunFolder,
    private readonly broker: BrokerUnderTest,
    private readonly keepsResults: boolean,
  ) {
    this.tail = new EvidenceTail(folder.path);
  }

  get progress(): Progress {
    return { ...this.counts };
  }

  start(): void {
    if (this.closed) return;
    this.timer = setTimeout(() => {
      this.looking = this.look().then(() => this.start());
    }, everyMs);
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    await this.looking;
  }

  private async look(): Promise<void> {
    for (const { kind, id } of this.tail.next()) {
      if (kind === 'SENT') this.counts.sent += 1;
      else if (kind === 'CONFIRMED') this.counts.confirmed += 1;
      else if (kind === 'END') {
        this.counts.ended += 1;
        this.toSee.add(id);
      }
    }
    if (!this.keepsResults) return;
    try {
      const seen = (await this.broker.results([...this.toSee])).filter(({ state }) => state === 'SUCCESS');
      this.folder.append('sightings', seen);
      for (const { id } of seen) this.toSee.delete(id);
    } catch {
      // The broker is just being restarted; they are looked at next time.
    }
  }
}
