import { STORE_REFUSED } from '@lovage/core';

/**
 * What a failed command means.
 *
 * - `lost`: the connection is gone, or does not answer; another attempt on a new one may succeed
 * - `moved`: this server does not serve our keys (any more); ask again who does
 * - `busy`: the server loads its data or runs a script; another attempt later may succeed
 * - `refused`: another attempt would end the same way
 */
export type FailureKind = 'lost' | 'moved' | 'busy' | 'refused';

/** The attempt had no answer in its time. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

export function failureKind(error: unknown): FailureKind {
  if (error instanceof NoAnswer) return 'lost';
  const text = textOf(error);
  if (/^(MOVED|ASK|READONLY|CLUSTERDOWN|MASTERDOWN|UNBLOCKED)\b/.test(text)) return 'moved';
  if (/^(LOADING|BUSY|TRYAGAIN)\b/.test(text)) return 'busy';
  return isReply(error) || isCertificateProblem(error) ? 'refused' : 'lost';
}

/** Whether the server does not know a script (any more): it was restarted, or its cache was flushed. */
export const isScriptMissing = (error: unknown): boolean => textOf(error).startsWith('NOSCRIPT');

/** An answer of the server, as the error that operators see. */
export function refusal(address: string, operation: string, error: unknown): Error {
  const answer = textOf(error);
  return STORE_REFUSED.create({ address, operation, answer, advice: adviceFor(answer) }, error);
}

export const textOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);

/** Errors that the server sent, as against those of the connection. */
const isReply = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'name' in error && error.name === 'ReplyError';

/** Certificates do not become right by asking again. */
const isCertificateProblem = (error: unknown): boolean =>
  typeof error === 'object' &&
  error !== null &&
  'code' in error &&
  /^(CERT_|ERR_TLS_CERT|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_(GET_ISSUER|VERIFY))/.test(String(error.code));

const advice: readonly (readonly [RegExp, string])[] = [
  [/^(WRONGPASS|NOAUTH)|invalid (password|username)|AUTH/i, 'Correct user and password in the URL.'],
  [/^NOPERM/, 'Grant the user this command and these keys (ACL SETUSER), see docs/redis.md.'],
  [
    /certificate|altnames/i,
    'Name the authority of the certificate in the URL (?ssl_ca_certs=…), and the server as its certificate does.',
  ],
  [/DB index is out of range/i, 'Use a database number that the server has (its option "databases").'],
  [
    /OOM|maxmemory/,
    'The server has no memory left: raise maxmemory, or let workers take what waits. Acknowledgements go on.',
  ],
  [
    /WRONGTYPE/,
    'A key under which Celery or Lovage keeps something else is in the way: find it (redis-cli --bigkeys, TYPE), and move its program to another database or key prefix.',
  ],
  [/MISCONF/, 'The server can not write to its disk: free space there, see its log.'],
  [/^NOREPLICAS/, 'Too few replicas are connected (min-replicas-to-write).'],
];

const adviceFor = (answer: string): string =>
  advice.find(([pattern]) => pattern.test(answer))?.[1] ?? 'See the log of the server.';
