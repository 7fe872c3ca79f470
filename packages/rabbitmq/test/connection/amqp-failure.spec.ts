import { failureKind, refusal } from '../../src/connection/amqp-failure.js';

const coded = (code: number, message: string): Error => Object.assign(new Error(message), { code });

describe('failureKind', () => {
  it.each([
    [coded(404, "NOT_FOUND - no queue 'x'"), 'missing'],
    [coded(406, 'PRECONDITION_FAILED'), 'conflict'],
    [coded(405, 'RESOURCE_LOCKED'), 'conflict'],
    [coded(403, 'ACCESS_REFUSED'), 'refused'],
    [coded(320, 'CONNECTION_FORCED'), 'lost'],
    [coded(541, 'INTERNAL_ERROR'), 'lost'],
    [new Error('Handshake terminated by server: 403 (ACCESS-REFUSED) with message "x"'), 'refused'],
    [new Error('Socket closed abruptly during opening handshake'), 'lost'],
    [Object.assign(new Error('self-signed certificate'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }), 'refused'],
    [Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }), 'lost'],
    [new Error('Expected ConnectionOpenOk; got <ConnectionClose channel:0>'), 'refused'],
  ])('of %s is %s', (error, kind) => {
    expect(failureKind(error)).toBe(kind);
  });
});

describe('refusal', () => {
  it.each([
    [
      '403 (ACCESS-REFUSED) with message "ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN"',
      /Correct user and password/,
    ],
    ['530 (NOT_ALLOWED) with message "NOT_ALLOWED - vhost nope not found"', /add_vhost/],
    [
      "530 (NOT_ALLOWED) with message \"NOT_ALLOWED - access to vhost 'v' refused for user 'u'\"",
      /set_permissions -p/,
    ],
    [
      "403 (ACCESS-REFUSED) with message \"ACCESS_REFUSED - access to exchange 'amq.default' in vhost 'v' refused for user 'u'\"",
      /Grant the user the permission/,
    ],
    ['unable to verify the first certificate', /ssl_ca_certs/],
    ['wrong version number', /speaks no TLS/],
  ])('says how to go on after: %s', (text, advice) => {
    expect(refusal('amqp://h', 'connect', new Error(text)).message).toMatch(advice);
  });

  it.each([
    [
      'Handshake terminated by server: 403 (ACCESS-REFUSED) with message "Login was refused. For details see the broker logfile."',
      'Login was refused. For details see the broker logfile',
    ],
    [
      '800C:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:../deps/openssl/ssl3_record.c:350:\n',
      'wrong version number',
    ],
  ])('tells what the server has said, and nothing around it', (text, answer) => {
    expect(refusal('amqp://h', 'connect', new Error(text)).message).toContain(
      `amqp://h refused it: ${answer}. `,
    );
  });
});
