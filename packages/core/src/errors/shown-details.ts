/** Control characters, line separators among them: names that come from outside could forge lines of a log with them. */
const control = /[\p{Cc}\u2028\u2029]/gu;

/** Longest text that a message shows, in UTF-16 units; names that come from outside may be of any length. */
const longest = 2000;

/** The details as the message of an error shows them: each text on one line, and cut where it is very long. */
export function shownDetails<Details extends object>(details: Details): Details {
  const changed = Object.entries(details).flatMap(([key, value]) => {
    if (typeof value !== 'string') return [];
    const text = shownText(value);
    return text === value ? [] : [[key, text] as const];
  });
  return changed.length === 0 ? details : { ...details, ...Object.fromEntries(changed) };
}

function shownText(text: string): string {
  const cut = text.length <= longest ? text : `${text.slice(0, longest)}…`;
  return cut.replace(control, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
