import { fileURLToPath } from 'node:url';
import { ChildProgram, deadlineIn, exitText } from '@lovage/services';
import type { BeatProcessSettings } from './beat-main.js';

const beatMain = fileURLToPath(new URL('beat-main.js', import.meta.url));
const readyWithinMs = 60_000;

/** The beat processes of a run. */
export class BeatFleet {
  /** What processes that ended by themselves had to say. */
  readonly deaths: string[] = [];
  private readonly members = new Map<string, ChildProgram>();
  private readonly leaving = new Set<string>();
  private started = 0;

  constructor(private readonly settings: Omit<BeatProcessSettings, 'name'>) {}

  /** Starts one; resolves when it runs. */
  async spawn(): Promise<void> {
    this.started += 1;
    const name = `beat-${String(this.started).padStart(4, '0')}`;
    const settings: BeatProcessSettings = { name, ...this.settings };
    const program = new ChildProgram({
      name,
      command: process.execPath,
      args: ['--enable-source-maps', beatMain, JSON.stringify(settings)],
    });
    this.members.set(name, program);
    await program.start();
    void program.exited.then((exit) => {
      this.members.delete(name);
      if (!this.leaving.has(name)) this.deaths.push(`${name} ${exitText(exit)}\n${program.output('stderr')}`);
    });
    await program.waitForLine(/^ready$/, { withinMs: readyWithinMs });
  }

  has(name: string): boolean {
    return this.members.has(name) && !this.leaving.has(name);
  }

  /** SIGKILL. */
  async kill(name: string): Promise<void> {
    this.leaving.add(name);
    await this.members.get(name)?.kill();
  }

  /** SIGSTOP, and SIGCONT after a time. */
  async pause(name: string, forMs: number): Promise<void> {
    const program = this.members.get(name);
    program?.signal('SIGSTOP');
    await new Promise<void>((resolve) => setTimeout(resolve, forMs));
    program?.signal('SIGCONT');
  }

  async close(): Promise<void> {
    await Promise.all(
      [...this.members].map(async ([name, program]) => {
        this.leaving.add(name);
        await program.stop(deadlineIn(10_000));
      }),
    );
  }
}
