import type { ArgumentProblem } from '@lovage/core';

/** What a check made of one argument. */
export type Checked =
  | { readonly value: unknown; readonly problems?: undefined }
  | { readonly problems: readonly ArgumentProblem[] };

/**
 * Checks one argument, and converts it where the wire can not carry what the method takes.
 *
 * @param name name of the parameter, or its position, for problems
 */
export type ArgumentCheck = (value: unknown, name: string) => Checked | Promise<Checked>;
