import { setTimeout as pause } from 'node:timers/promises';
import { Task, type TaskContext } from '@lovage/nestjs';
import { Injectable } from '@nestjs/common';
import { countPrimes } from './count-primes.js';

const steps = 6;
const stepMs = 500;

@Injectable()
export class MathTasks {
  @Task({ name: 'math.add' })
  add(x: number, y: number): number {
    return x + y;
  }

  /** The end of a chord: takes the values of all its members. */
  @Task({ name: 'math.sum' })
  sum(numbers: readonly number[]): number {
    return numbers.reduce((sum, number) => sum + number, 0);
  }

  /** Slow on purpose, so that there is something to watch and to revoke: `task` is the run itself. */
  @Task({ name: 'math.mul', bind: true, trackStarted: true })
  async mul(task: TaskContext, x: number, y: number): Promise<number> {
    for (let step = 1; step <= steps; step += 1) {
      // The signal is aborted when the task is revoked, and when the application stops and cannot wait any longer.
      await pause(stepMs, undefined, { signal: task.signal });
      await task.updateState('PROGRESS', { current: step, total: steps });
    }
    return x * y;
  }

  /** Fails when asked to divide by zero: an exception fails its task, and nothing else. */
  @Task({ name: 'math.divide' })
  divide(x: number, y: number): number {
    if (y === 0) throw new RangeError(`cannot divide ${x} by zero`);
    return x / y;
  }

  /**
   * Does nothing but compute: one event loop counts for one after the other, however many tasks it has begun. With `lovage worker -P
   * processes` each runs on a core of its own.
   */
  @Task({ name: 'math.primes', bind: true, trackStarted: true })
  async primes(task: TaskContext, below: number): Promise<number> {
    let reported = 0;
    return await countPrimes(below, {
      signal: task.signal,
      onSlice: async (done) => {
        if (done < reported + below / 20) return;
        reported = done;
        await task.updateState('PROGRESS', { current: done, total: below });
      },
    });
  }
}
