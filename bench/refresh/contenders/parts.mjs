import { createHmac, createPrivateKey, createSecretKey, hash, randomBytes, randomUUID, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { loadKeys } from '@latchkey/server';
import { median } from '../../measure.mjs';
import { answering, listening } from '../answering.mjs';
import { tokenOf } from '../rows.mjs';
import { openRows } from './floor-rows.mjs';

/** The size of a refresh's answer, in bytes of JSON. */
const answerBytes = 805;
const text = JSON.stringify({ access: 'x'.repeat(answerBytes - 13) });

/**
 * Reads a request, rotates a session's row and answers with as many bytes as a refresh has; when told to be busy, it does
 * the pure parts of the floor's work before it answers. So each runs as it does in the floor: alone in a loop a part
 * would find the other core idle, and a server without a database answers in bursts, which is far cheaper.
 */
await answering(async ({ store, database, keyFile }) => {
  const content = JSON.parse(readFileSync(keyFile, 'utf8'));
  const keys = await loadKeys(content);
  const pure = metered(pureParts(content, tokenOf(keys, 0)));
  const rotate = rotations(await openRows[store](database), keys);
  const headers = { 'Content-Type': 'application/json', 'Content-Length': text.length };
  let isBusy = false;
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk) => (body += chunk));
    request.on('end', async () => {
      await rotate();
      if (isBusy) pure.run();
      response.writeHead(200, headers).end(body && text);
    });
  });
  const beBusy = (whether) => void (isBusy = whether);
  return { port: await listening(server), beBusy, costs: pure.costs, compareAndSet: () => cpuOf(rotate) };
});

/** Runs all parts and times each; of many times the median, so that what was interrupted counts for nothing. */
function metered(parts) {
  const times = new Map(Object.keys(parts).map((name) => [name, []]));
  return {
    run() {
      for (const [name, all] of times) {
        const start = performance.now();
        parts[name]();
        all.push(performance.now() - start);
      }
    },
    /** Microseconds, since this was last asked. */
    costs: () => Object.fromEntries([...times].map(([name, all]) => [name, median(all.splice(0)) * 1000])),
  };
}

function pureParts({ signing }, token) {
  const key = createPrivateKey({ key: signing.keys[0], format: 'jwk' });
  const secret = randomBytes(32);
  const hmacKey = createSecretKey(secret);
  const hmac = (data) => createHmac('sha256', hmacKey).update(data).digest();
  const user = { id: 'x'.repeat(22), username: 'user-1', profile: { name: 'Ada' } };
  const answer = { access: 'x'.repeat(520), refresh: token, token_type: 'Bearer', expires_in: 900, user };
  const [iss, sub, now] = ['http://127.0.0.1', 'x'.repeat(22), Math.floor(Date.now() / 1000)];
  const claims = { iss, sub, aud: iss, exp: now, iat: now, auth_time: now, client_id: 'latchkey', sid: sub, epoch: 0 };
  const body = JSON.stringify({ refresh: token });
  const input = 'x'.repeat(430);
  return {
    'JSON and base64url'() {
      JSON.parse(body);
      Buffer.from(token.slice(4, 75), 'base64url').toString('base64url');
      Buffer.from(JSON.stringify({ ...claims, jti: randomUUID() })).toString('base64url');
      JSON.stringify({ ...answer, user: { ...user, profile: JSON.parse('{"name":"Ada"}') } });
    },
    '2 hashes': () => [secret, secret].map((bytes) => hash('sha256', bytes, 'base64url')),
    '3 HMACs': () => [secret, token, secret].map(hmac),
    'signature (ES256)': () =>
      sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url'),
  };
}

/** A rotation of the session that has waited for longest; none is rotated by two at once. */
function rotations(rows, keys) {
  const sessions = Array.from({ length: 128 }, (_, at) => {
    const payload = Buffer.from(tokenOf(keys, at).slice(4, 75), 'base64url');
    return { id: payload.toString('base64url', 1, 17), old: hash('sha256', payload.subarray(21), 'base64url') };
  });
  const spare = Array.from({ length: 1024 }, () => randomBytes(32).toString('base64url'));
  let turn = 0;
  return async () => {
    const session = sessions.shift();
    const next = spare[++turn % spare.length];
    const row = await rows.rotate({ ...session, next, now: Math.floor(Date.now() / 1000) });
    if (!row) throw new Error('No row changed.');
    sessions.push({ ...session, old: next });
  };
}

/** CPU of this process in microseconds, 16 at a time. */
async function cpuOf(rotate) {
  const before = process.cpuUsage();
  for (let at = 0; at < 200; at++) await Promise.all(Array.from({ length: 16 }, rotate));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / (200 * 16);
}
