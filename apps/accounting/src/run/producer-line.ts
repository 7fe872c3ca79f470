import { fileURLToPath } from 'node:url';
import { ChildProgram, exitText } from '@lovage/services';
import { EvidenceTail } from '../evidence/evidence-tail.js';
import type { FaultLog } from '../faults/fault-log.js';
import type { ProducerProcessSettings } from '../processes/process-settings.js';
import { numberOf } from './task-plan.js';

const producerMain = fileURLToPath(new URL('../processes/producer-main.js', import.meta.url));

/** The producer processes of a run, one after the other: each goes on where the one before was killed. */
export class ProducerLine {
  /** Resolves when everything has been sent; rejects when a producer fails. */
  readonly finished: Promise<void>;
  private program: ChildProgram | undefined;
  private name = '';
  private started = 0;
  private next: number;
  private over = false;
  private succeed: () => void = () => undefined;
  private fail: (error: unknown) => void = () => undefined;

  constructor(
    private readonly settings: Omit<ProducerProcessSettings, 'name'>,
    private readonly faults: FaultLog,
  ) {
    this.next = settings.from;
    this.finished = new Promise((resolve, reject) => {
      this.succeed = resolve;
      this.fail = reject;
    });
    this.finished.catch(() => undefined);
  }

  get isFinished(): boolean {
    return this.over;
  }

  async start(): Promise<void> {
    this.started += 1;
    this.name = `producer-${String(this.started).padStart(5, '0')}`;
    const settings: ProducerProcessSettings = { name: this.name, ...this.settings, from: this.next };
    const program = new ChildProgram({
      name: this.name,
      command: process.execPath,
      args: ['--enable-source-maps', producerMain, JSON.stringify(settings)],
    });
    this.program = program;
    await program.start();
    void program.exited.then((exit) => {
      if (this.program !== program) return;
      this.over = true;
      if (exit.code === 0) this.succeed();
      else this.fail(program.errorWithOutput('PROGRAM_EXITED', exitText(exit)));
    });
  }

  /** SIGKILL, and another one goes on behind the last task that this one may have sent. */
  async kill(): Promise<void> {
    const { program, name } = this;
    if (this.over || program === undefined) return;
    this.program = undefined;
    await this.faults.during('producer', name, async () => {
      await program.kill();
    });
    this.next = Math.max(this.next, 1 + lastSent(this.settings.folder, name));
    if (this.next >= this.settings.to) {
      this.over = true;
      this.succeed();
    } else {
      await this.start();
    }
  }

  async abandon(): Promise<void> {
    this.over = true;
    const { program } = this;
    this.program = undefined;
    await program?.kill();
  }
}

function lastSent(folder: string, producer: string): number {
  let last = -1;
  for (const { kind, id, process } of new EvidenceTail(folder).next()) {
    if (kind === 'SENT' && process === producer) last = Math.max(last, numberOf(id));
  }
  return last;
}
