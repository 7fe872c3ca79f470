/** @returns `undefined` for what is no base64 */
export function base64Body(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  // Node skips what is no base64; the length shows it.
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  return bytes.length === Math.floor((text.length * 3) / 4) - padding ? bytes : undefined;
}
