import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  makeTestCertificates,
  type TestCertificates,
  type TestCertificatesOptions,
} from './test-certificates.js';

/** What a server is told of TLS: whether it listens with it only, and what is wrong with its certificate. */
export type ServerTls = boolean | TestCertificatesOptions;

/** Undefined: without TLS. */
export function certificatesFor(tls: ServerTls = false): TestCertificates | undefined {
  return tls === false ? undefined : makeTestCertificates(tls === true ? {} : tls);
}

/** Writes them into the folder of a server. Returns the paths. */
export async function writeCertificates(
  { ca, certificate, key }: TestCertificates,
  folder: string,
): Promise<TestCertificates> {
  const files = {
    ca: join(folder, 'ca.pem'),
    certificate: join(folder, 'server.pem'),
    key: join(folder, 'key.pem'),
  };
  await writeFile(files.ca, ca);
  await writeFile(files.certificate, certificate);
  await writeFile(files.key, key, { mode: 0o600 });
  return files;
}
