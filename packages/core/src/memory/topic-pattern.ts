/**
 * Whether a routing key matches the pattern of a topic binding, as in AMQP 0-9-1: words are separated by dots, `*` stands
 * for exactly one word, `#` for any number of them. The empty key has no words.
 */
export function matchesTopic(pattern: string, routingKey: string): boolean {
  const words = wordsOf(routingKey);
  // reached[i]: what was read of the pattern so far can match the first i words. Linear in both, whatever the pattern.
  let reached = [true, ...words.map(() => false)];
  for (const part of wordsOf(pattern)) {
    if (part === '#') {
      let seen = false;
      reached = reached.map((here) => (seen ||= here));
    } else {
      reached = [
        false,
        ...words.map((word, index) => reached[index] === true && (part === '*' || part === word)),
      ];
    }
  }
  return reached[words.length] === true;
}

const wordsOf = (text: string): readonly string[] => (text === '' ? [] : text.split('.'));
