import type { DrainReport } from '@lovage/core';

/** Tasks that are named; of more only the number is told. */
const mostNamed = 20;

/** What was finished, handed back and cut, in one line. */
export function drainText(hostname: string, { finished, returned, abandoned }: DrainReport): string {
  const named = abandoned.slice(0, mostNamed).map(({ taskName, taskId }) => `${taskName}[${taskId}]`);
  if (abandoned.length > mostNamed) named.push(`and ${abandoned.length - mostNamed} more`);
  const parts = [
    `${finished} finished`,
    `${returned} handed back before they began`,
    `${abandoned.length} cut and handed back`,
  ];
  const line = `${hostname} stopped: ${parts.join(', ')}${named.length > 0 ? `: ${named.join(', ')}` : ''}`;
  // Names come from messages.
  return line.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ');
}
