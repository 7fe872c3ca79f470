/** Text of about this many bytes, of which one knows the words. */
export function textOf(bytes: number): {
  readonly text: string;
  readonly words: number;
  readonly lovages: number;
} {
  const line = 'lovage is an herb, Lovage needs water.\n';
  const lines = Math.ceil(bytes / line.length);
  return { text: line.repeat(lines), words: lines * 7, lovages: lines * 2 };
}
