import type { Embed } from './task-message.js';

/** Nothing follows the task. */
export const noEmbed: Embed = Object.freeze({ callbacks: null, errbacks: null, chain: null, chord: null });

export function isNoEmbed(embed: Embed): boolean {
  return (
    embed === noEmbed ||
    (embed.callbacks === null && embed.errbacks === null && embed.chain === null && embed.chord === null)
  );
}
