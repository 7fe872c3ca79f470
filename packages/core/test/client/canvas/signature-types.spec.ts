import { expectTypeOf } from 'expect-type';
import { chain, chord, chunks, group, map, starmap } from '../../../src/client/canvas/compose.js';
import type { GroupResult } from '../../../src/client/group-result.js';
import type { TaskCaller } from '../../../src/client/task-caller.js';
import type { TaskResult } from '../../../src/client/task-result.js';

declare const add: TaskCaller<[x: number, y: number], number>;
declare const repeat: TaskCaller<[text: string, times?: number], string[]>;
declare const xsum: TaskCaller<[numbers: readonly number[]], number>;
declare const pair: TaskCaller<[values: readonly [number, string[]]], boolean>;

/** Never called: only the compiler looks at it. */
async function typed(): Promise<void> {
  expectTypeOf(await add.s(1, 2).delay()).toEqualTypeOf<TaskResult<number>>();
  expectTypeOf(await add.s(1).delay(2)).toEqualTypeOf<TaskResult<number>>();
  expectTypeOf(await chain(add.s(1, 2), add.s(3), add.s(4)).delay()).toEqualTypeOf<TaskResult<number>>();
  expectTypeOf(await chain(add.s(1), add.s(3)).delay(5)).toEqualTypeOf<TaskResult<number>>();
  expectTypeOf(await group(add.s(1, 2), repeat.s('a')).delay()).toEqualTypeOf<
    GroupResult<[number, string[]]>
  >();
  expectTypeOf(await group([1, 2].map((n) => add.s(n, n))).delay()).toEqualTypeOf<GroupResult<number[]>>();
  expectTypeOf(await chord([add.s(1, 2), add.s(3, 4)], xsum.s()).delay()).toEqualTypeOf<TaskResult<number>>();
  expectTypeOf(await chord([add.s(1, 2), repeat.s('a')], pair.s()).delay()).toEqualTypeOf<
    TaskResult<boolean>
  >();
  expectTypeOf(await add.s(1, 2).pipe(add.s(3)).delay()).toEqualTypeOf<TaskResult<number>>();
  expectTypeOf(await chain(add.s(1, 2), repeat.si('a', 2)).delay()).toEqualTypeOf<TaskResult<string[]>>();
  expectTypeOf(await map(xsum.s(), [[1], [2]]).delay()).toEqualTypeOf<TaskResult<number[]>>();
  expectTypeOf(await starmap(add.s(), [[1, 2]]).delay()).toEqualTypeOf<TaskResult<number[]>>();
  expectTypeOf(await chunks(add.s(), [[1, 2]], 10).delay()).toEqualTypeOf<GroupResult<number[][]>>();

  // @ts-expect-error a text is no number
  add.s('1', 2);
  // @ts-expect-error too many arguments
  add.s(1, 2, 3);
  // @ts-expect-error its first argument is missing
  await add.s(1).delay();
  // @ts-expect-error the value of the first step is no array of numbers
  chain(add.s(1, 2), xsum.s());
  // @ts-expect-error nothing is missing in the second step
  chain(add.s(1, 2), add.s(3, 4));
  // @ts-expect-error the second step takes a text
  add.s(1, 2).pipe(repeat.s());
  // @ts-expect-error the body takes an array of numbers
  chord([repeat.s('a')], xsum.s());
  // @ts-expect-error the callback takes an array of numbers
  add.s(1, 2).link(xsum.s());
}

describe('types of workflows', () => {
  it('are checked by the compiler', () => {
    expect(typed).toBeInstanceOf(Function);
  });
});
