import { isUtf8 } from 'node:buffer';
import { BODY_UNDECODABLE } from '../errors/message-errors.js';
import type { DecodeContext } from './codec-context.js';

/** @throws LOVAGE_BODY_UNDECODABLE for bytes that are no UTF-8 */
export function utf8Text(bytes: Buffer, contentType: string, context: DecodeContext): string {
  const text = bytes.toString();
  // Bad bytes become U+FFFD, so the exact check is needed only where there is one.
  if (text.includes('\uFFFD') && !isUtf8(bytes)) {
    throw BODY_UNDECODABLE.create({ ...context.identity, contentType, problem: 'it is no UTF-8 text' });
  }
  return text;
}
