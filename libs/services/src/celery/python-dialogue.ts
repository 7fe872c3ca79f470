import { fileURLToPath } from 'node:url';
import { ChildProgram, exitText } from '../process/child-program.js';
import { ServiceError } from '../process/service-error.js';
import type { StopDeadline } from '../process/stop-deadline.js';
import { CeleryPeerError, type PythonErrorAnswer } from './celery-peer-error.js';

export interface PythonDialogueOptions {
  /** Name for errors. */
  readonly name: string;
  /** File in the folder `python` of this package. */
  readonly script: string;
  readonly args?: readonly string[];
  /** Default `/usr/bin/python3`. */
  readonly python?: string;
  /** Limit for the start and, unless said otherwise, for each answer. Default 60,000 ms. */
  readonly answerWithinMs?: number;
}

interface Waiting {
  readonly operation: string;
  readonly timer: NodeJS.Timeout;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

type Answer<Greeting> =
  | { readonly ready: Greeting }
  | { readonly id: number; readonly ok: unknown }
  | { readonly id: number; readonly error: PythonErrorAnswer };

/** The folder with this package's Python files. */
export const pythonFolder = fileURLToPath(new URL('../../python/', import.meta.url));

/** Neither the environment's nor the user's Python packages, and no compiled files beside the scripts. */
export const pythonFlags = ['-E', '-s', '-B'] as const;

/** A Python process that answers questions, each a line of JSON. `Greeting` is what it says of itself at its start. */
export class PythonDialogue<Greeting> {
  private readonly program: ChildProgram;
  private readonly answerWithinMs: number;
  private readonly waiting = new Map<number, Waiting>();
  private lastId = 0;
  private starting: Promise<void> | undefined;
  private said: Greeting | undefined;

  constructor(private readonly options: PythonDialogueOptions) {
    this.answerWithinMs = options.answerWithinMs ?? 60_000;
    this.program = new ChildProgram({
      name: options.name,
      command: options.python ?? '/usr/bin/python3',
      args: [...pythonFlags, `${pythonFolder}${options.script}`, ...(options.args ?? [])],
    });
  }

  /** Known once it is started. */
  get greeting(): Greeting {
    if (this.said === undefined) {
      throw new ServiceError('PROGRAM_NOT_STARTED', `${this.options.name} has not been started`);
    }
    return this.said;
  }

  get pid(): number {
    return this.program.pid;
  }

  /** Resolves when it can be asked. Twice is legal. Errors as those of {@link ChildProgram}. */
  async start(): Promise<void> {
    this.starting ??= this.startOnce();
    await this.starting;
    if (!this.program.running)
      throw new ServiceError('PROGRAM_STOPPED', `${this.options.name} has stopped; make a new one`);
  }

  /** Questions in hand are rejected. Twice, and before a start, is legal. */
  async stop(deadline?: StopDeadline): Promise<void> {
    await this.program.stop(deadline);
  }

  /**
   * @throws CeleryPeerError when Python raises an error; ServiceError PROGRAM_STOPPED, PROGRAM_EXITED, or WAITED_IN_VAIN
   *   when the answer takes longer than `withinMs`
   */
  async ask<T>(operation: string, params: object, withinMs = this.answerWithinMs): Promise<T> {
    if (!this.program.running) {
      throw new ServiceError(
        'PROGRAM_STOPPED',
        `${this.options.name} is not running and cannot answer ${operation}`,
      );
    }
    this.lastId += 1;
    const id = this.lastId;
    return await new Promise<T>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.waiting.delete(id);
        const what = `did not answer ${operation} within ${withinMs} ms`;
        reject(this.program.errorWithOutput('WAITED_IN_VAIN', what));
      }, withinMs);
      this.waiting.set(id, { operation, timer, resolve: (value) => resolve(value as T), reject });
      this.program.write(`${JSON.stringify({ id, operation, params })}\n`);
    });
  }

  private async startOnce(): Promise<void> {
    this.program.onLine((line, stream) => {
      if (stream === 'stdout') this.take(JSON.parse(line) as Answer<Greeting>);
    });
    void this.program.exited.then((exit) => {
      for (const waiting of this.waiting.values()) {
        clearTimeout(waiting.timer);
        const what = `${exitText(exit)} before it answered ${waiting.operation}`;
        waiting.reject(this.program.errorWithOutput('PROGRAM_EXITED', what));
      }
      this.waiting.clear();
    });
    await this.program.start();
    try {
      await this.program.waitForLine(/^\{"ready"/, { withinMs: this.answerWithinMs });
    } catch (error) {
      await this.program.kill();
      throw error;
    }
  }

  private take(answer: Answer<Greeting>): void {
    if ('ready' in answer) {
      this.said = answer.ready;
      return;
    }
    const waiting = this.waiting.get(answer.id);
    // An answer that came too late has nobody waiting for it.
    if (waiting === undefined) return;
    this.waiting.delete(answer.id);
    clearTimeout(waiting.timer);
    if ('ok' in answer) waiting.resolve(answer.ok);
    else waiting.reject(new CeleryPeerError(waiting.operation, answer.error));
  }
}
