import { ChildProgram, type ProgramExit } from '../process/child-program.js';
import { ServiceError } from '../process/service-error.js';
import { deadlineIn, type StopDeadline } from '../process/stop-deadline.js';
import type { CelerySettings } from './celery-call.js';
import { connectionSettings } from './celery-client.js';
import { pythonFlags, pythonFolder } from './python-dialogue.js';

export interface CeleryWorkerOptions {
  /** URL of the broker. */
  readonly broker: string;
  /** URL of the result backend. Default: the broker's. */
  readonly resultBackend?: string;
  /** Queues to consume. Default: Celery's, `celery`, where there are no `broadcasts`. */
  readonly queues?: readonly string[];
  /** Queues that are Celery's `Broadcast`: each worker has one of its own. They are consumed like those of `queues`. */
  readonly broadcasts?: readonly string[];
  /** `solo` (default) runs tasks in the main process, one at a time; `prefork` is Celery's own default. */
  readonly pool?: 'solo' | 'prefork' | 'threads';
  /** Default 1. */
  readonly concurrency?: number;
  /** Node name, `name@host`. Default: Celery's, `celery@` and this machine's. Two workers need two. */
  readonly hostname?: string;
  /**
   * Further settings, in Celery's names: `task_acks_late`, `broker_transport_options` (`visibility_timeout`,
   * `global_keyprefix`), `accept_content`, `result_serializer`, `worker_prefetch_multiplier`, …
   */
  readonly settings?: CelerySettings;
  /** Further arguments of `celery worker`. Default `['--without-gossip', '--without-mingle']`, to start sooner. */
  readonly args?: readonly string[];
  /** Default `/usr/bin/python3`. */
  readonly python?: string;
  /** Limit for the start. Default 60,000 ms. */
  readonly readyWithinMs?: number;
}

/**
 * A real Python worker on a real broker, for one life: started, stopped or killed. Its tasks are those of
 * `python/worker_tasks.py`: `interop.add`, `interop.echo`, `interop.fail`, `interop.retry_then`, ….
 */
export class CeleryWorker {
  private readonly program: ChildProgram;
  private readonly readyWithinMs: number;
  private starting: Promise<void> | undefined;
  private stopAsked = false;

  constructor(options: CeleryWorkerOptions) {
    this.readyWithinMs = options.readyWithinMs ?? 60_000;
    const { broadcasts = [] } = options;
    const named = [...(options.queues ?? []), ...broadcasts];
    const queues = named.length === 0 ? [] : [`--queues=${named.join(',')}`];
    const hostname = options.hostname === undefined ? [] : [`--hostname=${options.hostname}`];
    this.program = new ChildProgram({
      name: 'the Celery worker',
      command: options.python ?? '/usr/bin/python3',
      args: [
        ...pythonFlags,
        '-m',
        'celery',
        '--app=worker_tasks',
        'worker',
        '--loglevel=INFO',
        `--pool=${options.pool ?? 'solo'}`,
        `--concurrency=${options.concurrency ?? 1}`,
        ...queues,
        ...hostname,
        ...(options.args ?? ['--without-gossip', '--without-mingle']),
      ],
      cwd: pythonFolder,
      env: {
        LOVAGE_CELERY_SETTINGS: JSON.stringify(connectionSettings(options)),
        LOVAGE_CELERY_BROADCASTS: JSON.stringify(broadcasts),
        // Otherwise it refuses, as root, to accept pickle, which some tests want.
        C_FORCE_ROOT: '1',
      },
    });
  }

  /** Process id of the main process. */
  get pid(): number {
    return this.program.pid;
  }

  get running(): boolean {
    return this.program.running;
  }

  /** The last lines of its log. */
  get log(): string {
    return this.program.output('stderr');
  }

  /** Resolves when it has ended, in whatever way. */
  get exited(): Promise<ProgramExit> {
    return this.program.exited;
  }

  /**
   * Resolves when it consumes. Twice is legal.
   *
   * @throws ServiceError PROGRAM_NOT_STARTED without Python; PROGRAM_EXITED or WAITED_IN_VAIN, with its log, without Celery
   *   or without a broker; PROGRAM_STOPPED after a stop
   */
  async start(): Promise<void> {
    this.starting ??= this.startOnce();
    await this.starting;
    if (!this.program.running)
      throw new ServiceError('PROGRAM_STOPPED', 'the Celery worker has stopped; make a new one');
  }

  /**
   * A warm shutdown: it ends when the tasks that it runs have ended, or is killed when the deadline (default 30 s) has
   * passed. Twice, and before a start, is legal.
   */
  async stop(deadline: StopDeadline = deadlineIn(30_000)): Promise<void> {
    if (this.program.running && !this.stopAsked) {
      // To the main process only, since the children of a prefork pool would drop their tasks; and once, since Celery
      // takes a second one for impatience.
      process.kill(this.program.pid, 'SIGTERM');
      this.resume();
      this.stopAsked = true;
    }
    const timer = setTimeout(() => void this.program.kill(), deadline.leftMs());
    try {
      if (this.program.running) await this.program.exited;
    } finally {
      clearTimeout(timer);
    }
    // One that was never started cannot be started any more.
    await this.program.kill();
  }

  /** SIGKILL to all of its processes. */
  async kill(): Promise<void> {
    await this.program.kill();
  }

  /** SIGSTOP to all of its processes: it holds its messages and connections, and does nothing. */
  pause(): void {
    this.program.signal('SIGSTOP');
  }

  /** SIGCONT. */
  resume(): void {
    this.program.signal('SIGCONT');
  }

  /** The first line of its log, of those written and those to come, that matches. */
  async waitForLog(pattern: RegExp, options: { readonly withinMs: number }): Promise<RegExpExecArray> {
    return await this.program.waitForLine(pattern, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }

  private async startOnce(): Promise<void> {
    await this.program.start();
    try {
      await this.program.waitForLine(/ ready\.$/, { withinMs: this.readyWithinMs });
    } catch (error) {
      await this.program.kill();
      throw error;
    }
  }
}
