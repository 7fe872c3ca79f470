/** A line of CLIENT LIST. */
export interface RedisClientEntry {
  readonly id: string;
  /** Address of the client. */
  readonly addr: string;
  /** As set by CLIENT SETNAME; may be empty. */
  readonly name: string;
  /** `N` for none, `P` in a subscription, `b` in a blocking command, `S` a replica, … */
  readonly flags: string;
  /** Last command, in small letters; `blmove`, `client|list`. */
  readonly cmd: string;
  /** All fields, with these. */
  readonly fields: Readonly<Record<string, string>>;
}

/** Reads what CLIENT LIST answers. */
export function parseClientList(text: string): readonly RedisClientEntry[] {
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    const fields: Record<string, string> = Object.fromEntries(
      line.split(' ').map((field) => {
        const [name = '', ...value] = field.split('=');
        return [name, value.join('=')];
      }),
    );
    const { id = '', addr = '', name = '', flags = '', cmd = '' } = fields;
    return { id, addr, name, flags, cmd, fields };
  });
}
