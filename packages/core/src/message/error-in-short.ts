import { shortened } from './error-limits.js';
import type { ErrorJson } from './result-record.js';
import { lookAt } from './thrown-value.js';

/** Characters that are kept of each text: the whole then fits into the least `limits.maxBytes`. */
const keptCharacters = 40;

/**
 * What is written of an error that can not be written as a whole: the beginning of its class name and message. Never throws.
 *
 * @param refusal why it can not be written as a whole
 */
export function errorInShort(error: unknown, refusal: unknown): ErrorJson {
  const { type, message } = lookAt(error);
  const { code = 'no code' } = lookAt(refusal);
  return {
    exc_type: type.replaceAll(/[^\w$]+/g, '_').slice(0, keptCharacters) || 'Error',
    exc_message: [
      `${shortened(message, keptCharacters)} (the error can not be stored as a whole: ${shortened(code, keptCharacters)})`,
    ],
    exc_module: null,
  };
}
