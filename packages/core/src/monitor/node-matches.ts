import type { ControlRequest } from './control-messages.js';

/** Whether a request is for this node: by its name, by a pattern, or for all. */
export function nodeMatches(hostname: string, { destination, pattern, matcher }: ControlRequest): boolean {
  if (destination !== undefined) return destination.includes(hostname);
  if (pattern === undefined || matcher === undefined) return true;
  return matcher === 'glob' ? globMatches(hostname, pattern) : false;
}

/** Python's fnmatch without character classes; no regular expression is made from what came over the wire. */
function globMatches(text: string, pattern: string): boolean {
  // The position behind the last star, and the place in the text from which it is tried next.
  let [at, place, star, from] = [0, 0, -1, 0];
  while (at < text.length) {
    const wanted = pattern[place];
    if (wanted === '*') {
      star = place;
      place += 1;
      from = at;
    } else if (wanted !== undefined && (wanted === '?' || wanted === text[at])) {
      place += 1;
      at += 1;
    } else if (star >= 0) {
      place = star + 1;
      from += 1;
      at = from;
    } else return false;
  }
  while (pattern[place] === '*') place += 1;
  return place === pattern.length;
}
