import fc from 'fast-check';
import { arrangeArguments, parameterList } from '../../src/task/parameter-list.js';

const xy = parameterList('math.add', ['x', 'y']);

describe('parameterList', () => {
  it('counts names, and what is marked optional', () => {
    expect(parameterList('t', ['x', 'y?', 'z?'])).toEqual({ names: ['x', 'y', 'z'], required: 1, max: 3 });
  });

  it.each([[['x', 'x']], [['']], [['?']], [['x?', 'y']]])('refuses %j', (params) => {
    expect(() => parameterList('t', params)).toThrow(
      expect.objectContaining({ code: 'LOVAGE_TASK_DEFINITION_INVALID' }),
    );
  });
});

describe('arrangeArguments', () => {
  it('passes positional arguments as they are', () => {
    const args = [2, 3];
    expect(arrangeArguments('math.add', xy, args, {})).toBe(args);
  });

  it('puts keyword arguments in the places of their names', () => {
    expect(arrangeArguments('math.add', xy, [2], { y: 3 })).toEqual([2, 3]);
    expect(arrangeArguments('math.add', xy, [], { y: 3, x: 2 })).toEqual([2, 3]);
  });

  it('fills a skipped optional parameter with undefined, so that its default applies', () => {
    expect(arrangeArguments('t', parameterList('t', ['a', 'b?', 'c?']), [1], { c: 3 })).toEqual([
      1,
      undefined,
      3,
    ]);
  });

  it('gives keyword arguments as one last object where names are not known', () => {
    expect(arrangeArguments('t', undefined, [1], { deep: true })).toEqual([1, { deep: true }]);
    expect(arrangeArguments('t', { required: 2, max: 2 }, [1], { deep: true })).toEqual([1, { deep: true }]);
  });

  it.each<[string, readonly unknown[], Record<string, unknown>, RegExp]>([
    ['too few', [2], {}, /y: missing \(takes at least 2, got 1\)/],
    ['none', [], {}, /x: missing.*y: missing/],
    ['too many', [1, 2, 3], {}, /takes at most 2, got 3/],
    ['an unknown name', [2, 3], { z: 4 }, /z: no such parameter \(known: x, y\)/],
    ['one given twice', [2, 3], { y: 4 }, /y: given by position and by name/],
    ['a gap', [], { y: 3 }, /x: missing/],
  ])('refuses %s', (_, args, kwargs, message) => {
    expect(() => arrangeArguments('math.add', xy, args, kwargs)).toThrow(message);
    expect(() => arrangeArguments('math.add', xy, args, kwargs)).toThrow(
      expect.objectContaining({ code: 'LOVAGE_ARGUMENTS_INVALID' }),
    );
  });

  it('explains a missing argument where the parameter list has a hint', () => {
    const parameters = { required: 1, hint: 'name it as optional' };
    expect(() => arrangeArguments('t', parameters, [], {})).toThrow(
      /argument 1: missing \(takes at least 1, got 0\); name it as optional/,
    );
  });

  it('is not fooled by names of Object.prototype', () => {
    expect(() => arrangeArguments('t', xy, [1, 2], { constructor: 1 })).toThrow(
      /constructor: no such parameter/,
    );
  });

  it('gives the same arguments however they are split between position and name', () => {
    const names = ['a', 'b', 'c', 'd'];
    const parameters = parameterList('t', names);
    fc.assert(
      fc.property(
        fc.array(fc.integer(), { minLength: 4, maxLength: 4 }),
        fc.integer({ min: 0, max: 4 }),
        (values, split) => {
          const kwargs = Object.fromEntries(
            names.slice(split).map((name, index) => [name, values[split + index]]),
          );
          expect(arrangeArguments('t', parameters, values.slice(0, split), kwargs)).toEqual(values);
        },
      ),
    );
  });
});
