const number = new Intl.NumberFormat('en');
const longestText = 500;

/** The result of a task as text, what kind it is of, and as a list if it is one. */
export function resultParts(result) {
  if (Array.isArray(result?.top)) return [wordsText(result), 'value', result.top.map(topText)];
  if (typeof result === 'number') return [String(result)];
  const text = typeof result === 'string' ? result : (JSON.stringify(result) ?? '');
  return [text.length > longestText ? `${text.slice(0, longestText)}…` : text];
}

function wordsText({ words, distinct, complete }) {
  const different = `${number.format(distinct)} different${complete ? '' : ' (and more: no more are kept)'}`;
  return `${number.format(words)} ${words === 1 ? 'word' : 'words'}, ${different}`;
}

function topText({ word, count }) {
  return `${word} ${number.format(count)}`;
}
