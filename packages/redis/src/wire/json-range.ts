const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Where a string ends that begins at `start`: the position behind its closing quote. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH) at += 1;
    else if (code === QUOTE) return at + 1;
  }
  return text.length;
}

/** Where a JSON value ends that begins at `start`. The text must be valid JSON. */
export function endOfValue(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; ) {
    const sign = text[at];
    if (sign === '"') {
      at = endOfString(text, at);
      if (depth === 0) return at;
      continue;
    }
    if (sign === '{' || sign === '[') depth += 1;
    else if (sign === '}' || sign === ']') {
      depth -= 1;
      if (depth < 0) return at;
      if (depth === 0) return at + 1;
    } else if (sign === ',' && depth === 0) return at;
    at += 1;
  }
  return text.length;
}

/** Where the value of a member of an object stands: its first position and the one behind it. */
export function rangeOfMember(text: string, name: string): readonly [number, number] | undefined {
  const space = /[\s,:]/;
  let at = text.indexOf('{') + 1;
  for (;;) {
    while (space.test(text[at] ?? '')) at += 1;
    if (text[at] !== '"') return undefined;
    const endOfName = endOfString(text, at);
    const found = text.slice(at + 1, endOfName - 1) === name;
    at = endOfName;
    while (space.test(text[at] ?? '')) at += 1;
    const end = endOfValue(text, at);
    if (found) return [at, end];
    at = end;
  }
}
