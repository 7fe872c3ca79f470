/**
 * Whether a topic pattern finds a routing key, as in AMQP 0-9-1: `*` one word, `#` any number. Takes time in proportion to the
 * product of both lengths at most, which a regular expression would not.
 */
export function topicMatches(pattern: string, routingKey: string): boolean {
  const [wanted, words] = [pattern.split('.'), routingKey.split('.')];
  let [at, word] = [0, 0];
  /** The last `#`, and the word up to which it has taken; where a word does not fit it takes one more. */
  let [hash, taken] = [-1, 0];
  while (word < words.length) {
    if (wanted[at] === '#') {
      hash = at;
      taken = word;
      at += 1;
    } else if (at < wanted.length && (wanted[at] === '*' || wanted[at] === words[word])) {
      at += 1;
      word += 1;
    } else if (hash !== -1) {
      at = hash + 1;
      taken += 1;
      word = taken;
    } else return false;
  }
  while (wanted[at] === '#') at += 1;
  return at === wanted.length;
}
