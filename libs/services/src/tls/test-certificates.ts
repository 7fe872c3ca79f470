import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';
import { der } from './der.js';

export interface TestCertificatesOptions {
  /** Names and IPv4 addresses that the server's certificate is for. Default `localhost` and `127.0.0.1`. */
  readonly hosts?: readonly string[];
  /** The server's certificate ended yesterday. Default false. */
  readonly expired?: boolean;
}

/** All in PEM. */
export interface TestCertificates {
  /** Certificate of an authority that is made for this and forgotten: what a client has to trust. */
  readonly ca: string;
  /** Certificate of the server, signed by it. */
  readonly certificate: string;
  readonly key: string;
}

interface Identity {
  readonly name: string;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

const dayMs = 24 * 60 * 60 * 1000;
const ecdsaWithSha256 = der.sequence(der.oid('1.2.840.10045.4.3.2'));

/**
 * Fresh certificates for a server, valid from yesterday until tomorrow. Node can sign but not make certificates; these few
 * bytes spare us a program for it, and files in the repository that end one day.
 */
export function makeTestCertificates(options: TestCertificatesOptions = {}): TestCertificates {
  const { hosts = ['localhost', '127.0.0.1'], expired = false } = options;
  const authority = identity('Lovage test authority');
  const server = identity('Lovage test server');
  const until = Date.now() + (expired ? -dayMs : dayMs);
  return {
    ca: certificate(authority, authority, Date.now() + dayMs, authorityExtensions(authority)),
    certificate: certificate(server, authority, until, serverExtensions(hosts, authority)),
    key: server.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

function identity(name: string): Identity {
  return { name, ...generateKeyPairSync('ec', { namedCurve: 'prime256v1' }) };
}

/** RFC 5280, section 4.1. */
function certificate(subject: Identity, issuer: Identity, untilMs: number, extensions: Buffer): string {
  const [from, until] = [new Date(untilMs - 2 * dayMs), new Date(untilMs)];
  const content = der.sequence(
    der.field(0, der.integer(2)),
    // Begins with a byte that makes it positive and not too short.
    der.integer(Buffer.concat([Buffer.from([0x40]), randomBytes(15)])),
    ecdsaWithSha256,
    distinguishedName(issuer.name),
    der.sequence(der.time(from), der.time(until)),
    distinguishedName(subject.name),
    subject.publicKey.export({ type: 'spki', format: 'der' }),
    der.field(3, extensions),
  );
  const signature = der.bits(sign('sha256', content, issuer.privateKey));
  const base64 = der.sequence(content, ecdsaWithSha256, signature).toString('base64');
  const lines = base64.match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

function distinguishedName(commonName: string): Buffer {
  return der.sequence(der.set(der.sequence(der.oid('2.5.4.3'), der.text(commonName))));
}

/** A strict reader wants the use of the key and its identifier too. */
function authorityExtensions(authority: Identity): Buffer {
  const signsCertificates = Buffer.from([0x03, 0x02, 0x02, 0x04]);
  return der.sequence(
    extension('2.5.29.19', der.sequence(der.true()), { critical: true }),
    extension('2.5.29.15', signsCertificates, { critical: true }),
    extension('2.5.29.14', der.octets(keyIdOf(authority))),
  );
}

function serverExtensions(hosts: readonly string[], authority: Identity): Buffer {
  const names = hosts.map((host) =>
    isIP(host) === 4
      ? der.plainField(7, Buffer.from(host.split('.').map(Number)))
      : der.plainField(2, Buffer.from(host)),
  );
  return der.sequence(
    extension('2.5.29.17', der.sequence(...names)),
    extension('2.5.29.35', der.sequence(der.plainField(0, keyIdOf(authority)))),
  );
}

/** Any fixed function of the key will do. */
function keyIdOf({ publicKey }: Identity): Buffer {
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(spki).digest().subarray(0, 20);
}

function extension(id: string, value: Buffer, { critical = false } = {}): Buffer {
  return der.sequence(der.oid(id), ...(critical ? [der.true()] : []), der.octets(value));
}
