/** A Python value that JSON cannot show: its Python type (`datetime`, `bytes`, …) and its text or items. */
export interface PythonTyped {
  readonly $python: string;
  readonly value: PythonValue;
}

/**
 * A Python value without ambiguity, as plain data, so that tests can compare it with `toStrictEqual`. Plain are None
 * (null), bool, str, list, dict with text keys, int up to 2^53 and float with a fraction. Everything else is
 * {@link PythonTyped}: a float without a fraction too, which JavaScript could not tell from an int.
 */
export type PythonValue =
  | null
  | boolean
  | number
  | string
  | readonly PythonValue[]
  | PythonTyped
  | { readonly [key: string]: PythonValue };

/** Makes Python values of types that JSON does not have. */
export const python = {
  bytes: (bytes: Uint8Array): PythonTyped => typed('bytes', Buffer.from(bytes).toString('base64')),
  /** @param iso as `datetime.isoformat()` writes it; without an offset it is a naive datetime */
  datetime: (iso: string): PythonTyped => typed('datetime', iso),
  /** @param iso `2020-01-02` */
  date: (iso: string): PythonTyped => typed('date', iso),
  /** @param iso `03:04:05` */
  time: (iso: string): PythonTyped => typed('time', iso),
  decimal: (text: string): PythonTyped => typed('decimal', text),
  uuid: (text: string): PythonTyped => typed('uuid', text),
  /** For an int beyond 2^53; a smaller one is a plain number. */
  int: (value: bigint): PythonTyped => typed('int', value.toString()),
  /** @param text as Python's `repr` writes it: `1.0`, `1e+16`, `nan`, `-inf` */
  float: (text: string): PythonTyped => typed('float', text),
  tuple: (...items: readonly PythonValue[]): PythonTyped => typed('tuple', items),
  /** For a dict with keys that are no text. */
  dict: (...entries: readonly (readonly [PythonValue, PythonValue])[]): PythonTyped => typed('dict', entries),
};

function typed($python: string, value: PythonValue): PythonTyped {
  return { $python, value };
}
