/** How the names of headers begin that Lovage adds for itself, such as how often a message was delivered before. */
const ownPrefix = 'lovage_';

/** The headers without Lovage's own; the same object where there are none of these. */
export function sendersHeaders(
  headers: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const names = Object.keys(headers);
  if (!names.some((name) => name.startsWith(ownPrefix))) return headers;
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith(ownPrefix)));
}
