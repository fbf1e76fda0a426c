import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { request as send } from 'node:http';
import { createSecureServer, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { onTestFinished } from 'vitest';
import { tempFolder } from './temp-folder.js';

/**
 * Puts HTTP/2, with a certificate of its own making, in front of a server on this machine: browsers send a stream over
 * nothing less. Gives the origin; closed by itself when the test ends. Needs the command openssl.
 */
export async function startHttp2Front(port: number): Promise<string> {
  const sessions = new Set<ServerHttp2Session>();
  const front = createSecureServer(selfSigned(), (incoming, outgoing) => {
    const headers = Object.fromEntries(Object.entries(incoming.headers).filter(([name]) => !name.startsWith(':')));
    const { method, url: path } = incoming;
    const onward = send({ host: '127.0.0.1', port, method, path, headers }, (answer) => {
      const kept = Object.entries(answer.headers).filter(([name]) => !ofOneConnection.includes(name));
      outgoing.writeHead(answer.statusCode ?? 502, Object.fromEntries(kept));
      void pipeline(answer, outgoing.stream);
    });
    void pipeline(incoming.stream, onward);
  });
  front.on('session', (session) => sessions.add(session));
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const session of sessions) session.destroy();
    front.close();
  });
  return `https://127.0.0.1:${(front.address() as AddressInfo).port}`;
}

const ofOneConnection = ['connection', 'keep-alive', 'transfer-encoding'];

function selfSigned(): { key: Buffer; cert: Buffer } {
  const folder = tempFolder();
  const [key, cert] = [join(folder.path, 'key.pem'), join(folder.path, 'cert.pem')];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'];
  const name = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync('openssl', ['req', '-x509', ...kind, ...name, '-keyout', key, '-out', cert], { stdio: 'ignore' });
  const made = { key: readFileSync(key), cert: readFileSync(cert) };
  folder.remove();
  return made;
}
