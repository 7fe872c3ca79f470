import { base64Body } from './base64-body.js';
import type { Envelope } from './envelope-parts.js';

const text = String.raw`"([^"\\\x00-\x1f]*)"`;
const textOrNull = `(?:null|${text})`;
/** The envelope of a plain call (no time, no limits, no headers of the user's) exactly as Lovage writes it. */
const plainEnvelope = new RegExp(
  [
    String.raw`^\{"properties":\{"delivery_tag":${text},"delivery_info":\{"exchange":${text},"routing_key":${text}\},"body_encoding":"base64"`,
    String.raw`,"correlation_id":${text},"delivery_mode":2(?:,"priority":(\d))?\}`,
    `,"content-type":${text},"content-encoding":${text}`,
    String.raw`,"headers":\{"lang":"js","task":${text},"id":${text},"shadow":null,"eta":null,"expires":null`,
    String.raw`,"group":${textOrNull},"group_index":(?:null|(0|[1-9]\d{0,8}))`,
    String.raw`,"retries":0,"timelimit":\[null,null\],"root_id":${text},"parent_id":${textOrNull},"argsrepr":${text},"kwargsrepr":${text}`,
    String.raw`,"origin":${textOrNull},"ignore_result":(?:null|(true|false))\},"body":${text}\}$`,
  ].join(''),
);

/**
 * Reads the envelope of a plain call without parsing JSON: in a quarter of the time, and nearly every message is one.
 *
 * @returns what `readEnvelope` gives; `undefined` for every other envelope
 */
export function readPlainEnvelope(envelope: string): Envelope | undefined {
  const found = plainEnvelope.exec(envelope);
  if (found === null) return undefined;
  const body = base64Body(found[18] ?? '');
  if (body === undefined) return undefined;
  const priority = found[5];
  const groupIndex = found[11];
  const ignored = found[17];
  return {
    tag: found[1] ?? '',
    exchange: found[2] ?? '',
    routingKey: found[3] ?? '',
    redelivered: false,
    stored: false,
    deliveries: 0,
    message: {
      contentType: found[6] ?? '',
      contentEncoding: found[7] ?? '',
      headers: {
        lang: 'js',
        task: found[8],
        id: found[9],
        shadow: null,
        eta: null,
        expires: null,
        group: found[10] ?? null,
        group_index: groupIndex === undefined ? null : Number(groupIndex),
        retries: 0,
        timelimit: [null, null],
        root_id: found[12],
        parent_id: found[13] ?? null,
        argsrepr: found[14],
        kwargsrepr: found[15],
        origin: found[16] ?? null,
        ignore_result: ignored === undefined ? null : ignored === 'true',
      },
      properties:
        priority === undefined
          ? { correlationId: found[4] ?? '', deliveryMode: 2 }
          : { correlationId: found[4] ?? '', deliveryMode: 2, priority: Number(priority) },
      body,
    },
  };
}
