import { X509Certificate } from 'node:crypto';
import { makeTestCertificates } from '@lovage/services';

describe('makeTestCertificates', () => {
  it('makes what Node can read and check', () => {
    const made = makeTestCertificates({ hosts: ['a.example', '10.0.0.1'] });
    const [ca, certificate] = [new X509Certificate(made.ca), new X509Certificate(made.certificate)];
    expect([ca.ca, certificate.ca]).toStrictEqual([true, false]);
    expect(certificate.checkIssued(ca)).toBe(true);
    expect(certificate.verify(ca.publicKey)).toBe(true);
    expect(certificate.subjectAltName).toBe('DNS:a.example, IP Address:10.0.0.1');
    expect(new Date(certificate.validTo).getTime()).toBeGreaterThan(Date.now());
  });

  it('makes them for this machine, and expired ones', () => {
    const { certificate } = makeTestCertificates({ expired: true });
    const read = new X509Certificate(certificate);
    expect(read.checkHost('localhost')).toBe('localhost');
    expect(read.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(new Date(read.validTo).getTime()).toBeLessThan(Date.now());
  });
});
