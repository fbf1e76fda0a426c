import { createPublicKey, randomUUID, verify } from 'node:crypto';
import { generateKeys, loadKeys } from '@latchkey/server';
import { createVerifier } from '@latchkey/verifier';
import { jwtVerify } from 'jose';
import { interleaved, microseconds } from './measure.mjs';

const issuer = 'https://auth.example.com';
const times = 1000;

/** What it costs an API to verify an access token that it sees for the first time, against the bare signature check. */
export async function verification() {
  const file = await generateKeys();
  const keys = await loadKeys(file);
  const { d: _private, ...jwk } = file.signing.keys[0];
  const key = createPublicKey({ key: jwk, format: 'jwk' });
  const jwks = async () => Response.json(keys.jwks);
  const verifier = createVerifier({ issuer, fetch: jwks });
  const options = { issuer, audience: issuer, typ: 'at+jwt', algorithms: ['ES256'] };
  let tokens = [];
  const fresh = () => (tokens = Array.from({ length: times }, () => mint(keys)));
  const figures = await interleaved({
    'node:crypto verify': () => microseconds(times, bare(fresh(), key)),
    '@latchkey/verifier': () => microseconds(times, (at) => verifier.verify(requestWith(tokens[at]))),
    '@latchkey/verifier, seen before': () => microseconds(times, (at) => verifier.verify(requestWith(tokens[at]))),
    jose: () => microseconds(times, (at) => jwtVerify(tokens[at], key, options)),
  });
  return { title: 'Verifying an access token (ES256)', unit: 'µs', floor: 'node:crypto verify', figures };
}

function mint(keys) {
  const now = Math.floor(Date.now() / 1000);
  const header = { alg: 'ES256', typ: 'at+jwt', kid: keys.signingKeyId };
  const times = { exp: now + 900, iat: now, auth_time: now };
  const ids = { sub: randomUUID(), jti: randomUUID(), sid: randomUUID(), client_id: 'latchkey', epoch: 0 };
  const input = [header, { iss: issuer, aud: issuer, ...times, ...ids }].map(encode).join('.');
  return `${input}.${keys.sign(input)}`;
}

const encode = (part) => Buffer.from(JSON.stringify(part)).toString('base64url');

const requestWith = (token) => ({ method: 'GET', url: '/api/time', headers: { authorization: `Bearer ${token}` } });

/** The floor: only the signature, the parts split beforehand. */
function bare(tokens, key) {
  const parts = tokens.map((token) => {
    const end = token.lastIndexOf('.');
    return [Buffer.from(token.slice(0, end)), Buffer.from(token.slice(end + 1), 'base64url')];
  });
  const options = { key, dsaEncoding: 'ieee-p1363' };
  return (at) => {
    if (!verify('sha256', parts[at][0], options, parts[at][1])) throw new Error('A good signature was refused.');
  };
}
