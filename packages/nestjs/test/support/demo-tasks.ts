import { Injectable } from '@nestjs/common';
import { Task, type TaskContext } from '../../src/index.js';

/** Tasks that the endpoints are asked about. */
@Injectable()
export class DemoTasks {
  /** Ends the task `long`. */
  static finish: () => void = () => undefined;
  /** Makes the task `long` report its progress. */
  static tell: (percent: number) => Promise<void> = async () => await Promise.resolve();

  @Task('add')
  add(x: number, y: number): number {
    return x + y;
  }

  @Task('nothing')
  nothing(): void {}

  @Task('big')
  big(): unknown {
    return { number: 2n ** 60n, bytes: Buffer.from('a') };
  }

  @Task('fail')
  fail(): void {
    throw new RangeError('too far');
  }

  @Task({ name: 'long', bind: true })
  async long(task: TaskContext): Promise<string> {
    DemoTasks.tell = async (percent) => await task.updateState('PROGRESS', { percent });
    await new Promise<void>((resolve) => {
      DemoTasks.finish = resolve;
      task.signal.addEventListener('abort', () => resolve());
    });
    task.signal.throwIfAborted();
    return 'done';
  }
}
