import { Type } from 'class-transformer';
import { IsEmail, IsInt, Min, ValidateNested } from 'class-validator';
import { dtoCheck } from '../../src/arguments/dto-check.js';
import { loadDtoLibrary } from '../../src/arguments/dto-library.js';

class Line {
  @IsInt()
  @Min(1)
  count!: number;
}

class Order {
  @IsEmail()
  email!: string;

  @ValidateNested({ each: true })
  @Type(() => Line)
  lines!: Line[];
}

class Special extends Order {}
class Plain {
  name!: string;
}

const library = await loadDtoLibrary();
if (library === undefined) throw new Error('class-validator is a dev dependency here');
const check = dtoCheck(Order, library);

describe('the check of a DTO', () => {
  it('knows a class by its decorators, also by those that it inherits', () => {
    expect([Order, Special, Line, Plain].map(library.isDto)).toEqual([true, true, true, false]);
  });

  it('makes a plain object an instance, with what is nested', async () => {
    const { value } = (await check({ email: 'a@b.cd', lines: [{ count: 2 }] }, 'order')) as {
      readonly value: Order;
    };
    expect(value).toBeInstanceOf(Order);
    expect(value.lines[0]).toBeInstanceOf(Line);
  });

  it('takes an instance as it is', async () => {
    const order = Object.assign(new Order(), { email: 'a@b.cd', lines: [] });
    expect(await check(order, 'order')).toEqual({ value: order });
    expect(((await check(order, 'order')) as { readonly value: Order }).value).toBe(order);
  });

  it('tells problems by their path', async () => {
    expect(await check({ email: 'nobody', lines: [{ count: 1 }, { count: 0 }] }, 'order')).toEqual({
      problems: [
        { argument: 'order.email', problem: 'email must be an email' },
        { argument: 'order.lines.1.count', problem: 'count must not be less than 1' },
      ],
    });
  });

  it.each([['text'], [3], [[{ email: 'a@b.cd', lines: [] }]], [true]])(
    'refuses %j, which is no object',
    async (value) => {
      const { problems } = await check(value, 'order');
      expect(problems?.map(({ argument, problem }) => `${argument}: ${problem}`)).toEqual([
        expect.stringMatching(/^order: expected an object for Order, got /),
      ]);
    },
  );
});
