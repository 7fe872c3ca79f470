/** Matches an error of the catalogue. */
// reason: matchers that take an error take an asymmetric matcher, too; their types do not say so.
export const coded = (code: string): Error => expect.objectContaining({ code }) as Error;

/** What a promise rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<Error & { readonly code?: string }> {
  return await promise.then(
    () => {
      throw new Error('expected a rejection');
    },
    (error: unknown) => error as Error,
  );
}
