/** Control characters, line separators among them. */
const control = /[\p{Cc}\u2028\u2029]/gu;

/** A name or an id as a log shows it: it may come from any sender of messages, and must not forge lines. */
export function oneLine(text: string): string {
  return text.replace(control, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
