/** Places of which a text is remembered, and the longest such text: what is kept stays small, whatever is sent. */
const mostPlaces = 64;
const mostLength = 64;

/**
 * Makes a text that stands at the same place of one message after the other only once: names of headers, of the task, of the queue. That costs
 * less than to make it anew, and an object finds a name at once that is the same text as before.
 */
export class RepeatedTexts {
  private readonly latest: string[] = [];

  /** UTF-8 text within `bytes`. @param place where it stands in its message, from 0 */
  read(bytes: Buffer, from: number, to: number, place: number): string {
    if (place >= mostPlaces || to - from > mostLength) return bytes.toString('utf8', from, to);
    const known = this.latest[place];
    if (known !== undefined && isAt(bytes, from, to, known)) return known;
    const text = bytes.toString('utf8', from, to);
    this.latest[place] = text;
    return text;
  }
}

/** Whether the bytes are this text, where it is ASCII; of other text it is never said. */
function isAt(bytes: Buffer, from: number, to: number, text: string): boolean {
  if (text.length !== to - from) return false;
  for (let index = 0; index < text.length; index += 1) {
    const byte = bytes[from + index] as number;
    if (byte !== text.charCodeAt(index) || byte >= 0x80) return false;
  }
  return true;
}
