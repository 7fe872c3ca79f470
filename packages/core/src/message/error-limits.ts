/** Longest texts and chains that are written, so that an error always fits into a result. */
export const errorLimits = {
  name: 200,
  code: 200,
  message: 16 * 1024,
  stack: 16 * 1024,
  causeStack: 4 * 1024,
  causes: 8,
} as const;

/** Half of a surrogate pair, which has no UTF-8 form. */
const lone = /\p{Surrogate}/gu;

/** Cuts a text that is too long, and says so at its end. Half characters become U+FFFD, so that every serializer takes it. */
export function shortened(text: string, limit: number): string {
  const whole =
    text.length <= limit ? text : `${text.slice(0, limit)}… (${text.length - limit} characters more)`;
  return whole.replace(lone, '\uFFFD');
}
