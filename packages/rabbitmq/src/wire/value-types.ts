/** Marks before the values of a table, as RabbitMQ has them: those that tasks have in their headers. */
export const valueTypes = {
  text: 'S'.charCodeAt(0),
  nothing: 'V'.charCodeAt(0),
  int: 'I'.charCodeAt(0),
  byte: 'b'.charCodeAt(0),
  boolean: 't'.charCodeAt(0),
  list: 'A'.charCodeAt(0),
  table: 'F'.charCodeAt(0),
} as const;
