import assert from 'node:assert/strict';
import { type AnyResult, GroupResult } from '@lovage/core';

/** The members of a handle that is one of a group. */
export function membersOf(result: AnyResult | undefined): readonly AnyResult[] {
  assert.ok(result instanceof GroupResult, 'it should be the handle of a group');
  return result.results;
}
