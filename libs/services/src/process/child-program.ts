import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { LineSplitter } from './line-splitter.js';
import { OutputTail } from './output-tail.js';
import { ProcessGuardian } from './process-guardian.js';
import { signalGroup } from './process-group.js';
import { ServiceError } from './service-error.js';
import { deadlineIn, type StopDeadline } from './stop-deadline.js';

export interface ChildProgramOptions {
  /** Name for errors. Default: the command. */
  readonly name?: string;
  /** Path of the program, or a name to look up on PATH. */
  readonly command: string;
  readonly args?: readonly string[];
  readonly cwd?: string;
  /** Added to the environment of this process; `undefined` removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** How much of each output stream is kept for errors and for late waiters. Default 262,144 characters. */
  readonly keptCharacters?: number;
}

/** How a program ended: its exit code, or the signal that ended it. */
export interface ProgramExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export type OutputStream = 'stdout' | 'stderr';
type LineListener = (line: string, stream: OutputStream) => void;

/** Grace after the exit for output that is still in the pipes. Spent only if a process of a foreign group holds them. */
const outputGraceMs = 1000;

/**
 * A program that a test runs, in a process group of its own.
 *
 * NEW       `start` moves to RUNNING, or to ENDED with an error when the program cannot be started; `stop` to ENDED.
 * RUNNING   until the program ends by itself or by `stop`; then what is left of its group is killed.
 * ENDED     terminal. `stop` does nothing, `start` is refused.
 *
 * If this process goes away in any manner, a {@link ProcessGuardian} kills the group.
 */
export class ChildProgram {
  readonly name: string;
  /** Resolves when the program has ended, with all its output read. Never rejects; pending for one never started. */
  readonly exited: Promise<ProgramExit>;

  private readonly tails: Readonly<Record<OutputStream, OutputTail>>;
  private readonly listeners = new Set<LineListener>();
  private child: ChildProcessWithoutNullStreams | undefined;
  private starting: Promise<void> | undefined;
  private ended: ProgramExit | undefined;
  private stopAsked = false;
  private announceExit: (exit: ProgramExit) => void = () => undefined;

  constructor(private readonly options: ChildProgramOptions) {
    this.name = options.name ?? options.command;
    const kept = options.keptCharacters ?? 262_144;
    this.tails = { stdout: new OutputTail(kept), stderr: new OutputTail(kept) };
    this.exited = new Promise((resolve) => {
      this.announceExit = resolve;
    });
  }

  /** Process id, which is the group id too. */
  get pid(): number {
    const pid = this.child?.pid;
    if (pid === undefined) throw new ServiceError('PROGRAM_NOT_STARTED', `${this.name} has not been started`);
    return pid;
  }

  get running(): boolean {
    return this.child?.pid !== undefined && this.ended === undefined;
  }

  /** The last lines of a stream. */
  output(stream: OutputStream): string {
    return this.tails[stream].text;
  }

  /**
   * Starts the program; resolves when the operating system has it running. Twice is legal.
   *
   * @throws ServiceError PROGRAM_NOT_STARTED when there is no such program; PROGRAM_STOPPED after a stop
   */
  async start(): Promise<void> {
    if (this.stopAsked) throw new ServiceError('PROGRAM_STOPPED', `${this.name} was stopped; make a new one`);
    this.starting ??= this.spawnProgram();
    await this.starting;
  }

  /** Calls `listener` for each further line. Returns what ends that. */
  onLine(listener: LineListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /**
   * The first line, of those kept and those to come on either stream, that matches.
   *
   * @throws ServiceError PROGRAM_EXITED when the program ends before that, WAITED_IN_VAIN after `withinMs`; both with its output
   */
  async waitForLine(pattern: RegExp, { withinMs }: { readonly withinMs: number }): Promise<RegExpExecArray> {
    for (const line of [...this.tails.stdout.lines, ...this.tails.stderr.lines]) {
      const match = matchOf(pattern, line);
      if (match !== null) return match;
    }
    return await new Promise<RegExpExecArray>((resolve, reject) => {
      const end = (settle: () => void): void => {
        clearTimeout(timer);
        unsubscribe();
        settle();
      };
      const fail = (code: 'PROGRAM_EXITED' | 'WAITED_IN_VAIN', what: string): void =>
        end(() => reject(this.errorWithOutput(code, what)));
      const timer = setTimeout(() => {
        fail('WAITED_IN_VAIN', `wrote no line like ${pattern} within ${withinMs} ms`);
      }, withinMs);
      const unsubscribe = this.onLine((line) => {
        const match = matchOf(pattern, line);
        if (match !== null) end(() => resolve(match));
      });
      // Does nothing when the promise has settled before.
      void this.exited.then((exit) =>
        fail('PROGRAM_EXITED', `${exitText(exit)} before it wrote a line like ${pattern}`),
      );
    });
  }

  /** Writes to its standard input. What a program that has ended can no longer read is dropped. */
  write(text: string): void {
    this.child?.stdin.write(text);
  }

  /** Ends its standard input. */
  endInput(): void {
    this.child?.stdin.end();
  }

  /** Sends a signal to the program and all its descendants. */
  signal(signal: NodeJS.Signals): void {
    if (this.running) signalGroup(this.pid, signal);
  }

  /**
   * SIGTERM to the group, and SIGKILL when the deadline has passed. Resolves when the program has ended; twice, and
   * after it ended by itself, is legal. Default deadline: 5 s.
   */
  async stop(deadline: StopDeadline = deadlineIn(5000)): Promise<ProgramExit | undefined> {
    return await this.end('SIGTERM', deadline);
  }

  /** SIGKILL to the group, as a crash would end it. Resolves when the program has ended. */
  async kill(): Promise<ProgramExit | undefined> {
    return await this.end('SIGKILL', deadlineIn(0));
  }

  private async end(first: NodeJS.Signals, deadline: StopDeadline): Promise<ProgramExit | undefined> {
    this.stopAsked = true;
    // Whoever started it is told of a failure; here it only means that there is nothing to stop.
    await this.starting?.catch(() => undefined);
    if (this.child?.pid === undefined) return undefined;
    this.signal(first);
    // A process that is stopped (SIGSTOP) would not notice.
    this.signal('SIGCONT');
    const timer = setTimeout(() => this.signal('SIGKILL'), deadline.leftMs());
    try {
      return await this.exited;
    } finally {
      clearTimeout(timer);
    }
  }

  /** An error that says what the program did, with the last lines of its output. */
  errorWithOutput(code: 'PROGRAM_EXITED' | 'WAITED_IN_VAIN', what: string): ServiceError {
    const output = (['stdout', 'stderr'] as const)
      .filter((stream) => this.tails[stream].lines.length > 0)
      .map((stream) => `--- ${stream}\n${this.output(stream)}`);
    return new ServiceError(code, [`${this.name} ${what}`, ...output].join('\n'));
  }

  private async spawnProgram(): Promise<void> {
    const guardian = ProcessGuardian.start();
    const child = spawn(this.options.command, [...(this.options.args ?? [])], {
      detached: true,
      stdio: 'pipe',
      env: { ...process.env, ...this.options.env },
      ...(this.options.cwd === undefined ? {} : { cwd: this.options.cwd }),
    });
    this.child = child;
    if (child.pid !== undefined) guardian.watchGroup(child.pid);
    // EPIPE when the program has ended: its exit tells more.
    child.stdin.on('error', () => undefined);
    this.collect(child, 'stdout');
    this.collect(child, 'stderr');
    this.followExit(child, guardian);
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', (cause) => {
        if (child.pid !== undefined) return;
        guardian.release();
        const message = `${this.name} could not be started: ${cause.message}. Is ${this.options.command} installed?`;
        reject(new ServiceError('PROGRAM_NOT_STARTED', message, { cause }));
      });
    });
  }

  private collect(child: ChildProcessWithoutNullStreams, stream: OutputStream): void {
    const splitter = new LineSplitter();
    const take = (lines: readonly string[]): void => {
      for (const line of lines) {
        this.tails[stream].add(line);
        for (const listener of this.listeners) listener(line, stream);
      }
    };
    child[stream].on('data', (chunk: Buffer) => take(splitter.push(chunk)));
    child[stream].once('close', () => take(splitter.end()));
  }

  private followExit(child: ChildProcessWithoutNullStreams, guardian: ProcessGuardian): void {
    let grace: NodeJS.Timeout | undefined;
    child.once('exit', () => {
      // Descendants that are left would hold ports, files and the output pipes.
      if (child.pid !== undefined) signalGroup(child.pid, 'SIGKILL');
      guardian.release();
      grace = setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
      }, outputGraceMs);
    });
    child.once('close', (code, signal) => {
      clearTimeout(grace);
      if (child.pid === undefined) return;
      this.ended = { code, signal };
      this.announceExit(this.ended);
    });
  }
}

/** "exited with code 1", "was ended by SIGKILL". */
export function exitText({ code, signal }: ProgramExit): string {
  return signal === null ? `exited with code ${code}` : `was ended by ${signal}`;
}

/** A fresh search, also for patterns with the flags g or y, which remember where they stopped. */
function matchOf(pattern: RegExp, line: string): RegExpExecArray | null {
  return new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, '')).exec(line);
}
