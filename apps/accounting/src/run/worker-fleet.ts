import { fileURLToPath } from 'node:url';
import { ChildProgram, deadlineIn, exitText, waitFor } from '@lovage/services';
import type { FaultLog } from '../faults/fault-log.js';
import type { WorkerProcessSettings } from '../processes/process-settings.js';
import type { Random } from './random.js';

interface Member {
  readonly name: string;
  readonly program: ChildProgram;
  /** It consumes. */
  ready: boolean;
  frozen: boolean;
  /** Its end is wanted. */
  leaving: boolean;
}

const workerMain = fileURLToPath(new URL('../processes/worker-main.js', import.meta.url));
const readyWithinMs = 60_000;
/** How often a worker is killed although it has not begun to consume. */
const killWhileStarting = 0.1;
/** Whoever is touched, another one shall be there to go on with the work: else nothing is tried but starting processes. */
const fewestReady = 2;

/** The worker processes of a run: always as many as asked for, whoever dies. */
export class WorkerFleet {
  /** What processes that ended by themselves had to say. */
  readonly deaths: string[] = [];
  private readonly members = new Set<Member>();
  private readonly ends: Promise<void>[] = [];
  private started = 0;
  private closing = false;

  constructor(
    private readonly size: number,
    private readonly settings: Omit<WorkerProcessSettings, 'name'>,
    private readonly faults: FaultLog,
    private readonly random: Random,
  ) {}

  /** Starts what is missing. */
  async fill(): Promise<void> {
    while (!this.closing && [...this.members].filter(({ leaving }) => !leaving).length < this.size) {
      await this.spawn();
    }
  }

  /** Resolves when one of them consumes. */
  async oneReady(): Promise<void> {
    await Promise.any(
      [...this.members].map(async ({ program }) => {
        await program.waitForLine(/^ready$/, { withinMs: readyWithinMs });
      }),
    );
  }

  /** SIGKILL to one of them, and another is started. */
  async kill(): Promise<void> {
    const member = await this.victim(this.random.next() < killWhileStarting);
    if (member === undefined) return;
    member.leaving = true;
    await this.faults.during('kill', member.name, async () => {
      await member.program.kill();
    });
    await this.fill();
  }

  /** SIGTERM to one of them, and another is started at once. */
  async terminate(): Promise<void> {
    const member = await this.victim(false);
    if (member === undefined) return;
    this.ends.push(this.end(member));
    await this.fill();
  }

  /** SIGSTOP to one of them, and SIGCONT after a time; meanwhile the others go on. */
  async freeze(forMs: number): Promise<void> {
    const member = await this.victim(false);
    if (member === undefined) return;
    member.frozen = true;
    const { name, program } = member;
    const frozen = this.faults.during('freeze', name, async () => {
      program.signal('SIGSTOP');
      await new Promise<void>((resolve) => setTimeout(resolve, forMs));
      program.signal('SIGCONT');
    });
    this.ends.push(
      frozen.finally(() => {
        member.frozen = false;
      }),
    );
  }

  /** Waits for what goes on in the background. */
  async settled(): Promise<void> {
    await Promise.all(this.ends.splice(0));
  }

  /** Asks all of them to end. */
  async close(): Promise<void> {
    this.closing = true;
    await this.settled();
    await Promise.all([...this.members].filter(({ leaving }) => !leaving).map((member) => this.end(member)));
  }

  /** SIGKILL to all, for the case that the run itself fails. */
  async abandon(): Promise<void> {
    this.closing = true;
    await Promise.all(
      [...this.members].map(async (member) => {
        member.leaving = true;
        await member.program.kill();
      }),
    );
  }

  private async end(member: Member): Promise<void> {
    member.leaving = true;
    const { name, program } = member;
    await this.faults.during('terminate', name, async () => {
      const exit = await program.stop(deadlineIn(this.settings.drainMs + 5000));
      // One that has not begun yet ends by the signal itself.
      if (exit?.code === 0 || (!member.ready && exit?.signal === 'SIGTERM')) return;
      this.died(member, exit === undefined ? 'was never there' : exitText(exit));
    });
  }

  private async spawn(): Promise<void> {
    this.started += 1;
    const name = `worker-${String(this.started).padStart(5, '0')}`;
    const settings: WorkerProcessSettings = { name, ...this.settings };
    const program = new ChildProgram({
      name,
      command: process.execPath,
      args: ['--enable-source-maps', workerMain, JSON.stringify(settings)],
    });
    const member: Member = { name, program, ready: false, frozen: false, leaving: false };
    this.members.add(member);
    await program.start();
    program.waitForLine(/^ready$/, { withinMs: readyWithinMs }).then(
      () => {
        member.ready = true;
      },
      () => undefined,
    );
    void program.exited.then(async (exit) => {
      this.members.delete(member);
      if (member.leaving) return;
      this.died(member, exitText(exit));
      await this.fill();
    });
  }

  private died({ name, program }: Member, how: string): void {
    const now = Date.now();
    this.faults.add({ kind: 'died', process: name, fromMs: now, untilMs: now });
    this.deaths.push(`${name} ${how}\n${program.output('stderr')}`);
  }

  /** Waits until there is one to touch; `undefined` when none comes. */
  private async victim(evenStarting: boolean): Promise<Member | undefined> {
    const present = (): readonly Member[] =>
      [...this.members].filter(({ leaving, frozen }) => !leaving && !frozen);
    const ready = (): readonly Member[] => present().filter((member) => member.ready);
    const enough = Math.min(fewestReady, this.size);
    const what = `${enough} workers that consume`;
    await waitFor(() => ready().length >= enough, { withinMs: readyWithinMs, what }).catch(() => undefined);
    return this.random.pick(evenStarting ? present() : ready());
  }
}
