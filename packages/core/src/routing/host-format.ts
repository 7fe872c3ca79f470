/**
 * Puts the host into a name, with Celery's signs: `%h` the whole host name, `%n` its first word, `%d` the rest, `%%` a percent sign.
 *
 * @returns `undefined` where another letter follows a percent sign
 */
export function hostFormat(text: string, host: string): string | undefined {
  if (!text.includes('%')) return text;
  const dot = host.indexOf('.');
  const parts: Readonly<Record<string, string>> = {
    '%h': host,
    '%n': dot < 0 ? host : host.slice(0, dot),
    '%d': dot < 0 ? '' : host.slice(dot + 1),
    '%%': '%',
  };
  let known = true;
  const formatted = text.replaceAll(/%[^]?/g, (sign) => {
    const part = parts[sign];
    if (part === undefined) known = false;
    return part ?? sign;
  });
  return known ? formatted : undefined;
}

/** Whether the name is another one on every host. */
export const namesHost = (text: string): boolean => /%[hnd]/.test(text.replaceAll('%%', ''));
