import type { BrokerUnderTest } from '../brokers/broker-under-test.js';
import type { RunFolder } from '../check/run-folder.js';
import { EvidenceFile } from '../evidence/evidence-file.js';
import { machineName } from '../evidence/evidence-line.js';
import { EvidenceTail } from '../evidence/evidence-tail.js';

/** How far a run is. */
export interface Progress {
  readonly sent: number;
  readonly confirmed: number;
  readonly ended: number;
  /** Confirmed, and none of its runs has come to its end. */
  readonly open: number;
}

const everyMs = 500;

/**
 * Follows a run while it goes on: counts, and looks at the result of every task once after its end, to be compared with
 * what is there when all is over. Where the broker takes long to answer that, nobody could renew a lease meanwhile.
 */
export class RunWatch {
  private readonly tail: EvidenceTail;
  private readonly machine: EvidenceFile;
  private readonly toSee = new Set<string>();
  private readonly open = new Set<string>();
  private readonly ended = new Set<string>();
  private readonly counts = { sent: 0, confirmed: 0, ended: 0 };
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | undefined;
  private closed = false;

  constructor(
    private readonly folder: RunFolder,
    private readonly broker: BrokerUnderTest,
    private readonly keepsResults: boolean,
    private readonly stallMs: number,
  ) {
    this.tail = new EvidenceTail(folder.path);
    this.machine = new EvidenceFile(folder.path, machineName);
  }

  get progress(): Progress {
    return { ...this.counts, open: this.open.size };
  }

  start(): void {
    if (this.closed) return;
    this.timer = setTimeout(() => {
      this.looking = this.look().then(() => this.start());
    }, everyMs);
  }

  /** Twice is legal. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    clearTimeout(this.timer);
    await this.looking;
    this.machine.close();
  }

  private async look(): Promise<void> {
    for (const { kind, id } of this.tail.next()) {
      if (kind === 'SENT') this.counts.sent += 1;
      else if (kind === 'CONFIRMED') {
        this.counts.confirmed += 1;
        if (!this.ended.has(id)) this.open.add(id);
      } else if (kind === 'END') {
        this.ended.add(id);
        this.open.delete(id);
        this.counts.ended += 1;
        this.toSee.add(id);
      }
    }
    const began = performance.now();
    try {
      await this.broker.counts();
      const tookMs = performance.now() - began;
      if (tookMs > this.stallMs) this.machine.write('STALL', '-', String(Math.ceil(tookMs)));
      if (!this.keepsResults) return;
      const seen = (await this.broker.results([...this.toSee])).filter(({ state }) => state === 'SUCCESS');
      this.folder.append('sightings', seen);
      for (const { id } of seen) this.toSee.delete(id);
    } catch {
      // The broker is just being restarted; they are looked at next time.
    }
  }
}
