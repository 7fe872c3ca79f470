const escaped = (word: string): string => word.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

/**
 * A topic pattern as a regular expression with the meaning of AMQP 0-9-1: `*` one word, `#` any number. It stands in the
 * binding, so Python programs that publish follow it too.
 */
export function topicExpression(pattern: string): string {
  const words = pattern.split('.');
  let text = '^';
  let begun = false;
  for (const [index, word] of words.entries()) {
    if (word === '#') {
      if (begun) text += '(?:\\.[^.]*)*';
      else text += index === words.length - 1 ? '.*' : '(?:[^.]*\\.)*';
    } else {
      if (begun) text += '\\.';
      text += word === '*' ? '[^.]*' : escaped(word);
      begun = true;
    }
  }
  return `${text}$`;
}

/** What kombu makes of a pattern: `*` may span dots, and `a.#` does not find `a`. */
export function kombuExpression(pattern: string): string {
  const words = pattern.split('.').map((word) => (word === '*' ? '.*?[^\\.]' : word === '#' ? '.*?' : word));
  return `^${words.join('\\.')}$`;
}
