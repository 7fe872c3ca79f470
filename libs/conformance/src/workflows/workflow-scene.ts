import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import {
  type AppOptions,
  type Driver,
  isLovageError,
  type LovageEvent,
  type RemoteError,
  TaskApp,
  type TaskCaller,
  type TaskContext,
} from '@lovage/core';
import type { Harness } from '../harness.js';

/** What a step of a test workflow notes. */
export interface Note {
  readonly name: string;
  readonly value: unknown;
}

/** An app with a worker on the store of a harness, and tasks to make workflows of. */
export class WorkflowScene {
  /** What the task `note` was called with, in order. */
  readonly notes: unknown[] = [];
  readonly events: LovageEvent[] = [];
  readonly runs: string[] = [];

  private constructor(
    readonly harness: Harness,
    readonly app: TaskApp,
  ) {
    app.events.listen((event) => this.events.push(event));
    this.define('add', (x: number, y: number) => x + y);
    this.define('mul', (x: number, y: number) => x * y);
    this.define('xsum', (numbers: readonly number[]) => numbers.reduce((sum, number) => sum + number, 0));
    this.define('id', (value: unknown) => value);
    this.define('flat', (value: readonly unknown[]) => value.flat(10));
    this.define('fail', (message: string) => {
      throw new RangeError(message);
    });
    this.define('note', (value: unknown) => {
      this.notes.push(value);
      return value;
    });
  }

  static async open(harness: Harness, driver?: Driver, options: AppOptions = {}): Promise<WorkflowScene> {
    const app = await TaskApp.create(
      { worker: { concurrency: 10 }, ...options },
      { driver: driver ?? (await harness.another()), clock: harness.clock, host: 'test' },
    );
    const scene = new WorkflowScene(harness, app);
    return scene;
  }

  /** Starts it; tasks are defined before. */
  async start(): Promise<this> {
    await this.app.start();
    return this;
  }

  async stop(): Promise<void> {
    await this.app.close();
  }

  define(name: string, run: (...args: never[]) => unknown, required?: number): void {
    this.app.registry.add({
      name,
      run: (args, context: TaskContext) => {
        this.runs.push(`${name} ${context.id}`);
        return (run as (...all: unknown[]) => unknown)(...args, context);
      },
      ...(required !== undefined && { parameters: { required } }),
      options: {},
      source: `test.${name}`,
    });
  }

  caller<Args extends readonly unknown[], Value>(name: string): TaskCaller<Args, Value> {
    return this.app.client.caller<Args, Value>(name);
  }

  get add(): TaskCaller<[x: number, y: number], number> {
    return this.caller('add');
  }

  get mul(): TaskCaller<[x: number, y: number], number> {
    return this.caller('mul');
  }

  get xsum(): TaskCaller<[numbers: readonly number[]], number> {
    return this.caller('xsum');
  }

  get id(): TaskCaller<[value: unknown], unknown> {
    return this.caller('id');
  }

  get fail(): TaskCaller<[message: unknown], number> {
    return this.caller('fail');
  }

  get note(): TaskCaller<[value: unknown], unknown> {
    return this.caller('note');
  }

  /** How a workflow ends that must not succeed. */
  async failure(result: { get(): Promise<unknown> }): Promise<RemoteError> {
    try {
      const value = await result.get();
      return assert.fail(`it should have failed, it gave ${JSON.stringify(value)}`);
    } catch (error) {
      assert.ok(isLovageError(error), String(error));
      return error as RemoteError;
    }
  }

  /** Waits until the notes hold as many as `count`. */
  async noted(count: number): Promise<readonly unknown[]> {
    await this.harness.eventually(`${count} notes should be there`, () => this.notes.length >= count);
    return this.notes;
  }

  newId(): string {
    return randomUUID();
  }
}
