import { isLovageError, STORE_REFUSED } from '@lovage/core';

/**
 * What a failed call means.
 *
 * - `lost`: the connection is gone, or does not answer; another attempt on a new one may succeed
 * - `missing`: there is no such queue or exchange (404)
 * - `conflict`: it exists, with other arguments, or is in use (405, 406)
 * - `refused`: another attempt would end the same way (credentials, virtual host, permissions, certificates)
 */
export type FailureKind = 'lost' | 'missing' | 'conflict' | 'refused';

/** By reply code. */
const kinds: ReadonlyMap<number | undefined, FailureKind> = new Map([
  [404, 'missing'],
  [405, 'conflict'],
  [406, 'conflict'],
  ...[402, 403, 502, 503, 530, 540].map((code) => [code, 'refused'] as const),
]);

export const failureKind = (error: unknown): FailureKind =>
  kinds.get(replyCode(error)) ?? (isCertificateProblem(error) || isShutOut(error) ? 'refused' : 'lost');

export const textOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);

/** What the client libraries put around it: that of AMQP; and that of TLS, "…:SSL routines:ssl3_get_record:wrong version number:…". */
const wrappings = [/with message "([\s\S]*)"$/, /:SSL routines:[^:]*:([^:]+):/];

/** What the server said, without what the client libraries put around it, and without a full stop. */
export function answerOf(error: unknown): string {
  if (isShutOut(error))
    return 'NOT_ALLOWED - the virtual host does not exist, or the user may not use it, or it has as many connections as it may have';
  const text = textOf(error);
  const answer = wrappings.reduce<string | undefined>(
    (found, one) => found ?? one.exec(text)?.[1],
    undefined,
  );
  return (answer ?? text).slice(0, 500).replace(/[\s.]+$/, '');
}

/** An answer of the server, as the error that operators see. */
export function refusal(address: string, operation: string, error: unknown): Error {
  const answer = answerOf(error);
  return STORE_REFUSED.create({ address, operation, answer, advice: adviceFor(answer) }, error);
}

/** The same where the server has answered; what was lost stays as it is. */
export const codedFailure = (address: string, operation: string, error: unknown): unknown =>
  isLovageError(error) || failureKind(error) === 'lost' ? error : refusal(address, operation, error);

/** Reply code of AMQP, where the server sent one. Before a connection is open it stands in the text only. */
function replyCode(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  if ('code' in error && typeof error.code === 'number') return error.code;
  const code = /\b([345]\d\d) \([A-Z-]+\)/.exec(textOf(error))?.[1];
  return code === undefined ? undefined : Number(code);
}

/** The client library hides why the server closes a connection once it knows who we are: it can only be the virtual host. */
const isShutOut = (error: unknown): boolean =>
  textOf(error).startsWith('Expected ConnectionOpenOk; got <ConnectionClose');

/** Certificates do not become right by asking again. */
const isCertificateProblem = (error: unknown): boolean =>
  typeof error === 'object' &&
  error !== null &&
  'code' in error &&
  /^(CERT_|ERR_TLS_CERT|ERR_SSL_WRONG_VERSION|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_(GET_ISSUER|VERIFY))/.test(
    String(error.code),
  );

const advice: readonly (readonly [RegExp, string])[] = [
  [
    /larger than (configured )?max/i,
    'Send less (what is large where both sides find it, and its name in the message), or raise max_message_size in rabbitmq.conf.',
  ],
  [
    /unacceptable_type_in_header/,
    'The headers CC and BCC are lists of routing keys for RabbitMQ: name yours otherwise.',
  ],
  [
    /limit .*is reached/,
    'The virtual host has all that it may have: delete what nobody needs, or raise its limit (rabbitmqctl set_vhost_limits).',
  ],
  [/reserved prefix/, 'Names that begin with "amq." are the server\'s own: take another one.'],
  [
    /invalid (arg|property)/,
    'There is no such queue: one of type quorum is durable, not exclusive and not deleted with its last consumer, and has no priorities; ' +
      'only one of type quorum has a delivery limit.',
  ],
  [
    /Login was refused|invalid credentials|can only log in via localhost/i,
    'Correct user and password in the URL. The user "guest" may connect from the machine of the server only.',
  ],
  [
    /access to (queue|exchange|topic)|ACCESS_REFUSED/,
    'Grant the user the permission (rabbitmqctl set_permissions), see docs/rabbitmq.md.',
  ],
  [
    /virtual host|vhost [^ ]+ not found|access to vhost/i,
    'Correct the path of the URL (a slash in the name is written as %2F), or make the virtual host (rabbitmqctl add_vhost), ' +
      'or grant it to the user (rabbitmqctl set_permissions -p <vhost> <user> …).',
  ],
  [
    /inequivalent arg/,
    'It exists with other arguments: delete it once nobody needs what is in it, and it is declared anew.',
  ],
  [
    /certificate|altnames/i,
    'Name the authority of the certificate in the URL (?ssl_ca_certs=…), and the server as its certificate does.',
  ],
  [/wrong version number/i, 'The port speaks no TLS: use amqp://, or the port of TLS (5671).'],
];

const adviceFor = (answer: string): string =>
  advice.find(([pattern]) => pattern.test(answer))?.[1] ?? 'See the log of the server.';
