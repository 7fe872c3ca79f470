import type { RedisServer } from './redis-server.js';

/** Fields of a section of INFO. */
export async function infoOf(
  server: RedisServer,
  section: string,
): Promise<Readonly<Record<string, string>>> {
  return parseInfo(String(await server.command('INFO', section)));
}

/** Reads lines like `role:master`, as INFO and CLUSTER INFO answer them. */
export function parseInfo(text: string): Readonly<Record<string, string>> {
  const lines = text.split('\r\n').filter((line) => line !== '' && !line.startsWith('#'));
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]),
  );
}
