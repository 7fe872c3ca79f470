import { ChildProgram, deadlineIn } from '@lovage/services';
import {
  type AgentAnswer,
  type AgentOperation,
  type AnswerOf,
  answerMark,
  type ParamsOf,
} from './agent-requests.js';

/** Longest time for one operation; the fill of a million tasks by the slowest contender is shorter. */
const answerWithinMs = 900_000;

export interface AgentProgram {
  readonly command: string;
  readonly args: readonly string[];
}

/** An agent in a process of its own. It ends when this process does, however that ends. */
export class AgentProcess {
  private readonly program: ChildProgram;
  private started: Promise<void> | undefined;

  constructor(name: string, { command, args }: AgentProgram) {
    this.program = new ChildProgram({ name: `the agent of ${name}`, command, args, keptCharacters: 20_000 });
  }

  /** One at a time. */
  async ask<Name extends AgentOperation>(operation: Name, params: ParamsOf<Name>): Promise<AnswerOf<Name>> {
    this.started ??= this.program.start();
    await this.started;
    return await new Promise<AnswerOf<Name>>((resolve, reject) => {
      const end = (settle: () => void): void => {
        clearTimeout(timer);
        stopListening();
        settle();
      };
      const fail = (code: 'PROGRAM_EXITED' | 'WAITED_IN_VAIN', what: string): void =>
        end(() => reject(this.program.errorWithOutput(code, what)));
      const timer = setTimeout(() => fail('WAITED_IN_VAIN', `did not answer ${operation}`), answerWithinMs);
      const stopListening = this.program.onLine((line, stream) => {
        if (stream !== 'stdout' || !line.startsWith(answerMark)) return;
        const answer = JSON.parse(line.slice(answerMark.length)) as AgentAnswer;
        if ('error' in answer) fail('PROGRAM_EXITED', `could not ${operation}: ${answer.error}`);
        else end(() => resolve(answer.answer as AnswerOf<Name>));
      });
      void this.program.exited.then(() => fail('PROGRAM_EXITED', `ended before it answered ${operation}`));
      this.program.write(`${JSON.stringify({ operation, params })}\n`);
    });
  }

  /** Lets it end by itself, so that it writes what it has to, such as a profile. */
  async close(): Promise<void> {
    if (this.started === undefined) return;
    this.program.endInput();
    const timer = setTimeout(() => void this.program.kill(), deadlineIn(10_000).leftMs());
    await this.program.exited;
    clearTimeout(timer);
  }
}
