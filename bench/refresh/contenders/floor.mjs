import * as crypto from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { answering, listening } from '../answering.mjs';
import { openRows } from './floor-rows.mjs';

const base64Url = (value) => Buffer.from(value).toString('base64url');

/** The work of a refresh by hand and nothing else: no limits, no other endpoints, one answer to whatever goes wrong. */
await answering(async ({ store, database, keyFile }) => {
  const { signing, refresh: secrets } = JSON.parse(readFileSync(keyFile, 'utf8'));
  const key = crypto.createPrivateKey({ key: signing.keys[0], format: 'jwk' });
  const secret = Buffer.from(secrets.secrets[1], 'base64url');
  const bytesFor = (use) => Buffer.from(crypto.hkdfSync('sha256', secret, '', `latchkey refresh ${use}`, 32));
  const [tagKey, deriveKey] = ['tag', 'derive'].map((use) => crypto.createSecretKey(bytesFor(use)));
  const tagOf = (payload) => crypto.createHmac('sha256', tagKey).update(payload).digest().subarray(0, 16);
  const header = base64Url(JSON.stringify({ alg: 'ES256', typ: 'at+jwt', kid: signing.signWith }));
  const rows = await openRows[store](database);

  const refresh = async (body, headers) => {
    const now = Math.floor(Date.now() / 1000);
    const { refresh: presented } = JSON.parse(body);
    const payload = Buffer.from(presented.slice(4, 75), 'base64url');
    if (!crypto.timingSafeEqual(tagOf(payload), Buffer.from(presented.slice(76), 'base64url')))
      throw new Error('forged');
    const id = payload.toString('base64url', 1, 17);
    const successor = crypto
      .createHmac('sha256', deriveKey)
      .update(presented)
      .update(headers['idempotency-key'])
      .digest();
    const [old, next] = [payload.subarray(21), successor].map((bytes) => crypto.hash('sha256', bytes, 'base64url'));
    const row = await rows.rotate({ id, old, next, now });
    payload.writeUInt32BE(Number(row.generation), 17);
    successor.copy(payload, 21);
    const ids = { iss: 'http://127.0.0.1', aud: 'http://127.0.0.1', sub: row.user_id, sid: id, client_id: 'latchkey' };
    const times = { exp: now + 900, iat: now, auth_time: Number(row.created_at) };
    const claims = { ...ids, ...times, jti: crypto.randomUUID(), epoch: Number(row.epoch), amr: ['pwd'] };
    const input = `${header}.${base64Url(JSON.stringify(claims))}`;
    const signature = crypto.sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' });
    const user = { id: row.user_id, username: row.username, profile: JSON.parse(row.profile) };
    const lives = { token_type: 'Bearer', expires_in: 900, refresh_expires_in: Number(row.idle_expires_at) - now };
    const token = `lk1_${base64Url(payload)}.${base64Url(tagOf(payload))}`;
    return JSON.stringify({ access: `${input}.${base64Url(signature)}`, refresh: token, ...lives, user });
  };
  return { port: await listening(serve(refresh)) };
});

function serve(refresh) {
  return createServer((request, response) => {
    const answer = (status, text) =>
      response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': text.length }).end(text);
    const failed = () => answer(503, '{}');
    let body = '';
    request.setEncoding('utf8').on('data', (chunk) => (body += chunk));
    request.on('end', () => refresh(body, request.headers).then((text) => answer(200, text), failed));
  });
}
