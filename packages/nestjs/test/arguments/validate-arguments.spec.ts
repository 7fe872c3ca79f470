import type { ArgumentCheck } from '../../src/arguments/argument-check.js';
import { validateArguments } from '../../src/arguments/validate-arguments.js';
import { coded, rejection } from '../support/errors.js';

const double: ArgumentCheck = (value) => ({ value: Number(value) * 2 });
const later: ArgumentCheck = async (value, name) =>
  await Promise.resolve(value === 'bad' ? { problems: [{ argument: name, problem: 'is bad' }] } : { value });
const refuse: ArgumentCheck = (_, name) => ({ problems: [{ argument: name, problem: 'is refused' }] });

const parameter = (
  name: string,
  check: ArgumentCheck | undefined,
  required = true,
  decidesOnMissing = false,
) => ({
  name,
  check,
  required,
  decidesOnMissing,
});

describe('the validation of arguments', () => {
  it('is absent when there is nothing to check', () => {
    expect(validateArguments('t', [parameter('x', undefined)])).toBeUndefined();
    expect(validateArguments('t', [])).toBeUndefined();
  });

  it('gives back the same arguments when nothing was converted', () => {
    const args = [1, 2];
    expect(validateArguments('t', [parameter('x', (value) => ({ value }))])?.(args)).toBe(args);
  });

  it('converts without touching what it was given', () => {
    const args = Object.freeze([1, 2, 3]);
    expect(
      validateArguments('t', [parameter('x', double), parameter('y', undefined), parameter('z', double)])?.(
        args,
      ),
    ).toEqual([2, 2, 6]);
  });

  it('stays synchronous as long as the checks do, and waits for those that do not', async () => {
    expect(validateArguments('t', [parameter('x', double)])?.([1])).toEqual([2]);
    const outcome = validateArguments('t', [parameter('x', later), parameter('y', double)])?.(['a', 2]);
    expect(outcome).toBeInstanceOf(Promise);
    expect(await outcome).toEqual(['a', 4]);
  });

  it('tells all problems together', async () => {
    const validate = validateArguments('t', [
      parameter('x', later),
      parameter('y', refuse),
      parameter('z', later),
    ]);
    const error = await rejection(Promise.resolve(validate?.(['bad', 1, 'bad'])));
    expect(error).toEqual(coded('LOVAGE_ARGUMENTS_INVALID'));
    expect(error.message).toContain('x: is bad');
    expect(error.message).toContain('y: is refused');
    expect(error.message).toContain('z: is bad');
  });

  it('refuses null and undefined only where an argument is required', () => {
    const validate = validateArguments('t', [parameter('x', double), parameter('y', double, false)]);
    expect(validate?.([1, null])).toEqual([2, null]);
    expect(validate?.([1, undefined])).toEqual([2, undefined]);
    expect(() => validate?.([null, 1])).toThrow(/x: expected a value, got null/);
    expect(() => validate?.([undefined, 1])).toThrow(/x: expected a value, got undefined/);
  });

  it('leaves an argument that was not given to the default of the method', () => {
    expect(validateArguments('t', [parameter('x', double), parameter('y', double, false)])?.([1])).toEqual([
      2,
    ]);
  });

  it('asks a check that decides on missing arguments, and leaves no hole', () => {
    const fallback: ArgumentCheck = (value) => ({ value: value ?? 'default' });
    const validate = validateArguments('t', [
      parameter('x', undefined),
      parameter('y', undefined),
      parameter('z', fallback, false, true),
    ]);
    expect(validate?.([1])).toStrictEqual([1, undefined, 'default']);
  });
});
