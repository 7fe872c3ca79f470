import { Injectable } from '@nestjs/common';
import { IsEmail, IsInt, Min } from 'class-validator';
import { z } from 'zod';
import { Task, TaskQueueTesting, TaskQueueTestingModule, tasksOf } from '../../src/index.js';
import { closeAppsAfterEach, startApp } from '../support/apps.js';
import { coded, rejection } from '../support/errors.js';
import { strangerAt } from '../support/stranger.js';

class MailDto {
  @IsEmail()
  to!: string;

  @IsInt()
  @Min(1)
  copies!: number;
}

@Injectable()
class CheckedTasks {
  @Task('mail')
  mail(dto: MailDto): string {
    return `${dto.constructor.name} ${dto.to} ${dto.copies}`;
  }

  @Task('when')
  when(at: Date): string {
    return at.toISOString();
  }

  @Task('optional')
  optional(x: number, y?: number): number {
    return x + (y ?? 0);
  }

  @Task('defaults')
  defaults(x: number, y: number = 10): number {
    return x + y;
  }

  @Task({ name: 'named', params: ['x', 'y?'] })
  named(x: number, y?: number): string {
    return `${x} ${String(y)}`;
  }

  @Task({ name: 'schema', input: z.object({ n: z.coerce.number().max(9), tag: z.string().default('none') }) })
  schema(input: { readonly n: number; readonly tag: string }): string {
    return `${input.n} ${input.tag}`;
  }

  @Task({ name: 'schemas', input: [z.string(), z.number().default(7)] })
  schemas(text: string, count?: number): string {
    return `${text} ${String(count)}`;
  }

  @Task('kwargs')
  kwargs(first: number, options: { readonly loud: boolean }): string {
    return `${first} ${String(options.loud)}`;
  }
}

closeAppsAfterEach();

const start = async () => {
  const app = await startApp({ imports: [TaskQueueTestingModule.forRoot()], providers: [CheckedTasks] });
  const testing = app.get(TaskQueueTesting);
  const tasks = tasksOf(CheckedTasks, testing.client);
  /** Sends by name as another program would: nothing is checked here. */
  const sendUnchecked = async (
    name: string,
    args: readonly unknown[],
    kwargs: Record<string, unknown> = {},
  ) => {
    const stranger = await strangerAt(testing.app);
    const { id } = await stranger.send(name, { args, kwargs });
    await testing.drain();
    return await testing.client.result(id).snapshot();
  };
  return { testing, tasks, sendUnchecked };
};

describe('arguments at the sender', () => {
  it('may be a DTO or a plain object', async () => {
    const { testing, tasks } = await start();
    const plain = await tasks.mail.delay({ to: 'a@b.cd', copies: 2 });
    const instance = await tasks.mail.delay(Object.assign(new MailDto(), { to: 'e@f.gh', copies: 1 }));
    await testing.drain();
    expect(await plain.get()).toBe('MailDto a@b.cd 2');
    expect(await instance.get()).toBe('MailDto e@f.gh 1');
  });

  it('that are wrong are told by their path, and nothing is sent', async () => {
    const { testing, tasks } = await start();
    const events: string[] = [];
    testing.app.events.listen(({ type }) => events.push(type));
    const error = await rejection(tasks.mail.delay({ to: 'nobody', copies: 0 }));
    expect(error).toEqual(coded('LOVAGE_ARGUMENTS_INVALID'));
    expect(error.message).toMatch(
      /argument 1\.to: to must be an email; argument 1\.copies: copies must not be less than 1/,
    );
    await expect(tasks.when.delay('someday' as never)).rejects.toEqual(coded('LOVAGE_ARGUMENTS_INVALID'));
    await expect(tasks.schema.delay({ n: 12, tag: 'a' })).rejects.toThrow(/argument 1\.n: /);
    // @ts-expect-error one argument too many
    await expect(tasks.optional.delay(1, 2, 3)).rejects.toThrow(/takes at most 2/);
    await testing.drain();
    expect(events).toEqual([]);
  });

  it('that are missing are explained', async () => {
    const { tasks } = await start();
    await expect(tasks.optional.delay(1)).rejects.toThrow(/argument 2: missing.*default value.*params/);
  });

  it('may be left out where a default or a name says so', async () => {
    const { testing, tasks } = await start();
    const results = await Promise.all([
      tasks.defaults.delay(1),
      tasks.defaults.delay(1, 2),
      tasks.named.delay(1),
    ]);
    await testing.drain();
    expect(await Promise.all(results.map(async (result) => await result.get()))).toEqual([
      11,
      3,
      '1 undefined',
    ]);
  });

  it('travel as they were given: a schema is applied once, at the worker', async () => {
    const { testing, tasks } = await start();
    const result = await tasks.schema.delay({ n: '5' as unknown as number } as { n: number; tag: string });
    const several = await tasks.schemas.delay('a');
    await testing.drain();
    expect(await result.get()).toBe('5 none');
    expect(await several.get()).toBe('a 7');
  });
});

describe('arguments at the worker', () => {
  it.each([
    ['when', ['2026-01-31T12:00:00'], {}, '2026-01-31T12:00:00.000Z'],
    ['mail', [], { to: 'a@b.cd', copies: 3 }, 'MailDto a@b.cd 3'],
    ['named', [1], { y: 2 }, '1 2'],
    ['named', [], { y: 2, x: 1 }, '1 2'],
    ['kwargs', [1], { loud: true }, '1 true'],
    ['defaults', [1, null], {}, 1],
  ])('of %s are converted and put in their places', async (name, args, kwargs, expected) => {
    const { sendUnchecked } = await start();
    expect(await sendUnchecked(name, args, kwargs)).toMatchObject({ state: 'SUCCESS', result: expected });
  });

  it.each([
    ['mail', [{ to: 'nobody', copies: 1 }], {}],
    ['mail', ['text'], {}],
    ['when', ['someday'], {}],
    ['optional', ['1', 2], {}],
    ['optional', [null, 2], {}],
    ['optional', [1], {}],
    ['optional', [1, 2, 3], {}],
    ['named', [1], { z: 2 }],
    ['schema', [{ n: 12 }], {}],
    ['schemas', [1], {}],
  ])('of %s that do not fit fail the task and the worker goes on', async (name, args, kwargs) => {
    const { testing, tasks, sendUnchecked } = await start();
    expect(await sendUnchecked(name, args, kwargs)).toMatchObject({
      state: 'FAILURE',
      error: { remoteCode: 'LOVAGE_ARGUMENTS_INVALID' },
    });
    const next = await tasks.defaults.delay(1, 1);
    await testing.drain();
    expect(await next.get()).toBe(2);
  });
});
