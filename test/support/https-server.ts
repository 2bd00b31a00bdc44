/** An https server on loopback, with a certificate that only programs believe which are given it. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { inject, onTestFinished } from 'vitest';

/** By the library that the pinned AWS tools bring: not every machine has the program openssl. */
const MAKE_CERTIFICATE = `
import datetime, ipaddress, sys
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization as s
from cryptography.hazmat.primitives.asymmetric import ec
key = ec.generate_private_key(ec.SECP256R1())
name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "loopback")])
now, day = datetime.datetime.now(datetime.timezone.utc), datetime.timedelta(days=1)
built = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
  .serial_number(x509.random_serial_number()).not_valid_before(now - day).not_valid_after(now + day)
  .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
  .add_extension(x509.BasicConstraints(ca=True, path_length=None), True).sign(key, hashes.SHA256()))
open(sys.argv[1], "wb").write(built.public_bytes(s.Encoding.PEM))
open(sys.argv[2], "wb").write(key.private_bytes(s.Encoding.PEM, s.PrivateFormat.PKCS8, s.NoEncryption()))
`;

export interface HttpsServer {
  readonly url: string;
  /** The file of its certificate. */
  readonly certificate: string;
}

/** Ends with the test; its files are put into `dir`. */
export async function startHttpsServer(dir: string, listener: RequestListener): Promise<HttpsServer> {
  const [certificate, key] = [path.join(dir, 'certificate.pem'), path.join(dir, 'key.pem')];
  const python = path.join(inject('pythonBin'), 'python');
  await promisify(execFile)(python, ['-c', MAKE_CERTIFICATE, certificate, key]);
  const files = { cert: await readFile(certificate), key: await readFile(key) };
  const server = createServer(files, listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, certificate };
}
