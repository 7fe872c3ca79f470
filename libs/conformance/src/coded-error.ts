import assert from 'node:assert/strict';
import { isLovageError } from '@lovage/core';

/** Checks that a call fails with an error of the catalogue. @param code any when absent */
export async function rejectsCoded(call: () => Promise<unknown>, what: string, code?: string): Promise<void> {
  let error: unknown;
  try {
    await call();
  } catch (caught) {
    error = caught;
  }
  assert.ok(error !== undefined, `${what} should fail with ${code ?? 'a coded error'}, but it did not fail`);
  assert.ok(
    isLovageError(error, code),
    `${what} should fail with ${code ?? 'a coded error'}, but failed with: ${error instanceof Error ? error.stack : typeof error}`,
  );
}
