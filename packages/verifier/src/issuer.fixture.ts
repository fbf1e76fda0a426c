import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { milliseconds } from '@latchkey/protocol';

/** A time to start from, in seconds since 1970. */
const start = 1_800_000_000;

/** Turns a value, or JSON text as it is, into a part of a token. */
export const encode = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** A key pair with its public JWK. */
export interface TestKey {
  readonly privateKey: KeyObject;
  readonly jwk: Record<string, unknown>;
}

/** Makes a P-256 key. */
export function makeKey(kid: string): TestKey {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { privateKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid, alg: 'ES256', use: 'sig' } };
}

/** Signs a text as JWS does: r ‖ s. */
export const signText = (text: string, key: TestKey, dsaEncoding: 'ieee-p1363' | 'der' = 'ieee-p1363'): Buffer =>
  sign('sha256', Buffer.from(text), { key: key.privateKey, dsaEncoding });

/** Signs a text with HMAC-SHA-256. */
export const hmac = (text: string, secret: string | Buffer): string =>
  createHmac('sha256', secret).update(text).digest('base64url');

/** An issuer on loopback: a key set over real HTTP, requests counted, and tokens to go with it. */
export interface TestIssuer {
  readonly url: string;
  readonly key: TestKey;
  /** The members of the key set as it is served now. */
  jwks: Record<string, unknown>[];
  /** What the key set is answered with. */
  status: number;
  /** Paths that were asked for. */
  readonly asked: string[];
  readonly clock: { now(): ReturnType<typeof milliseconds>; seconds: number };
  claims(change?: Record<string, unknown>): Record<string, unknown>;
  /** A token with changes to claims or header; text is taken as it is. */
  token(claims?: Record<string, unknown> | string, header?: Record<string, unknown> | string, key?: TestKey): string;
  stop(): Promise<void>;
}

/** Starts an issuer. */
export async function startIssuer(): Promise<TestIssuer> {
  const key = makeKey('k1');
  const clock = { seconds: start, now: () => milliseconds(clock.seconds * 1000) };
  const server = createServer((request, response) => {
    issuer.asked.push(request.url ?? '');
    response.writeHead(issuer.status, { 'content-type': 'application/json' });
    response.end(issuer.status === 200 ? JSON.stringify({ keys: issuer.jwks }) : '{}');
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const issuer: TestIssuer = {
    url,
    key,
    clock,
    jwks: [key.jwk],
    status: 200,
    asked: [],
    claims: (change) => ({
      iss: url,
      aud: url,
      sub: 'u1',
      sid: 's1',
      jti: 'j1',
      client_id: 'app',
      iat: clock.seconds,
      exp: clock.seconds + 900,
      auth_time: clock.seconds,
      ...change,
    }),
    token(claims = {}, header = {}, signer = key) {
      const head =
        typeof header === 'string' ? header : { alg: 'ES256', typ: 'at+jwt', kid: signer.jwk['kid'], ...header };
      const text = `${encode(head)}.${encode(typeof claims === 'string' ? claims : issuer.claims(claims))}`;
      return `${text}.${signText(text, signer).toString('base64url')}`;
    },
    stop: () =>
      new Promise((stopped) => {
        server.close(() => stopped());
        server.closeAllConnections();
      }),
  };
  return issuer;
}
