/** The end of a usual body: keyword arguments and embed, both empty. */
const bodyEnd = ',{},{"callbacks":null,"errbacks":null,"chain":null,"chord":null}]';

/** What that end looks like in base64 when it begins at the first, second or third byte of a group. */
const bodyEnds = [0, 1, 2].map((offset) =>
  Buffer.from(`${'x'.repeat(offset)}${bodyEnd}`)
    .toString('base64')
    .slice(Math.ceil((offset * 8) / 6)),
);

/**
 * Texts that most envelopes have, and the control character that stands for each in a delayed message. JSON has no raw control
 * characters, so nothing needs to be escaped. Stored messages depend on this table: entries may be added, never changed.
 */
export const codes: readonly (readonly [code: string, text: string])[] = [
  ['\u0002', '{"properties":{"delivery_tag":"'],
  ['\u0003', '","delivery_info":{"exchange":"","routing_key":"'],
  ['\u0004', '"},"body_encoding":"base64","correlation_id":"'],
  [
    '\u0005',
    '","delivery_mode":2},"content-type":"application/json","content-encoding":"utf-8","headers":{"lang":"js","task":"',
  ],
  ['\u0006', '","shadow":null,"eta":"'],
  [
    '\u0007',
    '+00:00","expires":null,"group":null,"group_index":null,"retries":0,"timelimit":[null,null],"root_id":"',
  ],
  ['\u0008', '+00:00","expires":"'],
  ['\u0009', '","parent_id":null,"argsrepr":"'],
  ['\u000b', '","kwargsrepr":"{}","origin":"gen'],
  ['\u000c', '","ignore_result":false},"body":"'],
  ['\u000d', bodyEnds[0] ?? ''],
  ['\u000e', bodyEnds[1] ?? ''],
  ['\u000f', bodyEnds[2] ?? ''],
  ['\u0010', '+00:00","group":null,"group_index":null,"retries":0,"timelimit":[null,null],"root_id":"'],
  ['\u0011', '","id":"'],
  ['\u0012', '","parent_id":"'],
  ['\u0013', '"}'],
];

/** Ids that may stand in the first line; the others are left where they are. */
const plainId = /^[\w.:-]{1,255}$/;

/**
 * Writes a delayed message as it waits: the priority step, the id, a line end, and the envelope with codes for what all envelopes
 * have. A third of the size, and the server can write it back without understanding it.
 */
export function delayedEntry(step: number, envelope: string, taskId: unknown): string {
  const id = typeof taskId === 'string' && plainId.test(taskId) ? taskId : '';
  let text = id === '' ? envelope : envelope.replaceAll(id, '\u0001');
  for (const [code, common] of codes) text = text.replaceAll(common, code);
  return `${step}${id}\n${text}`;
}

/** The envelope of a delayed message. */
export function envelopeOf(entry: string): string {
  const lineEnd = entry.indexOf('\n');
  const texts = new Map([...codes, ['\u0001', entry.slice(1, lineEnd)]]);
  // reason: the codes are control characters.
  // oxlint-disable-next-line no-control-regex
  return entry.slice(lineEnd + 1).replaceAll(/[\u0001-\u001f]/g, (code) => texts.get(code) ?? code);
}
