/** A random number from 0 to below 1, for jitter; not for secrets. */
export const randomNumber = (): number => Math.random();
