import { nothingFollows } from '../../src/wire/nothing-follows.js';

describe('what follows a task', () => {
  it.each([
    ['[[1],{},{"callbacks":null,"errbacks":null,"chain":null,"chord":null}]', true],
    ['[[1],{},{"callbacks":[{"task":"a"}],"errbacks":null,"chain":null,"chord":null}]', false],
    ['[[1],{},{"callbacks":null,"errbacks":null,"chain":null,"chord":{"task":"a"}}]', false],
    ['{"callbacks":null,"errbacks":null,"chain":null,"chord":null}]', false],
    ['', false],
  ])('of %s: nothing is %s', (body, expected) => {
    expect(nothingFollows(Buffer.from(body))).toBe(expected);
  });
});
