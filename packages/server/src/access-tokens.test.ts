import { createHmac, createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import type { EpochSeconds, Seconds } from '@latchkey/protocol';
import { describe, expect, it } from 'vitest';
import { createAccessTokens } from './access-tokens.js';
import { generateKeys, loadKeys } from './keys.js';
import type { AuthorisedSession } from './ports.js';
import { pooledRandom } from './random.js';

const now = 1_800_000_000 as EpochSeconds;
const file = await generateKeys();
const keys = await loadKeys(file);
const jwk = file.signing.keys[0]!;
const settings = {
  issuer: 'https://auth.test',
  audience: 'https://api.test',
  clientId: 'latchkey',
  accessSeconds: 900 as Seconds,
  amr: ['pwd'],
};
const tokens = createAccessTokens(keys, pooledRandom(), settings);

const end = (now + 10_000) as EpochSeconds;
const authorised: AuthorisedSession = {
  user: { id: 'user', username: 'ada', profile: '{}', epoch: 3 },
  session: {
    ...{ id: 'session', userId: 'user', generation: 0, tokenHash: '', keyId: 1, chain: '', jkt: null, label: null },
    ...{ createdAt: now, refreshedAt: now, activeAt: now, idleExpiresAt: end, revokedAt: null, revokedReason: null },
    ...{ absoluteExpiresAt: end, userAgent: '', ip: '' },
  },
};
const good = tokens.mint(authorised, now).text;
const [goodHeader = '', goodPayload = '', goodSignature = ''] = good.split('.');
const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;
const write = (part: unknown) =>
  Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url');

/** A token with our very key, whatever it says. */
function forge(header: object, claims: unknown): string {
  const input = `${write({ ...read(goodHeader), ...header })}.${write(claims)}`;
  const key = createPrivateKey({ key: jwk, format: 'jwk' });
  return `${input}.${sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}
const withClaims = (changes: object) => forge({}, { ...read(goodPayload), ...changes });

describe('access tokens', () => {
  it('say who, for whom, from whom, since when and until when, and nothing personal', () => {
    expect(read(goodHeader)).toEqual({ alg: 'ES256', typ: 'at+jwt', kid: keys.signingKeyId });
    expect(read(goodPayload)).toEqual({
      iss: 'https://auth.test',
      sub: 'user',
      aud: 'https://api.test',
      exp: now + 900,
      iat: now,
      jti: expect.stringMatching(/^[\w-]{22}$/),
      client_id: 'latchkey',
      sid: 'session',
      epoch: 3,
      auth_time: now,
      amr: ['pwd'],
    });
    expect(tokens.verify(good, now)).toEqual(read(goodPayload));
  });

  it.each(['absoluteExpiresAt', 'idleExpiresAt'] as const)('never outlive their session: %s', (which) => {
    const session = { ...authorised.session, [which]: now + 5_000 };
    const { text, expiresIn } = tokens.mint({ ...authorised, session }, (now + 4_900) as EpochSeconds);
    expect(expiresIn).toBe(100);
    expect(read(text.split('.')[1]!)['exp']).toBe(now + 5_000);
  });

  it('written with our key as ours are written are taken (so what is refused below is refused for its reason)', () => {
    expect(tokens.verify(withClaims({}), now)).toBeDefined();
    expect(tokens.verify(withClaims({ aud: ['https://other.test', 'https://api.test'] }), now)).toBeDefined();
  });

  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const byOther = sign('sha256', Buffer.from(`${goodHeader}.${goodPayload}`), {
    key: other,
    dsaEncoding: 'ieee-p1363',
  });
  const byUs = { key: createPrivateKey({ key: jwk, format: 'jwk' }) };
  const der = sign('sha256', Buffer.from(`${goodHeader}.${goodPayload}`), byUs).toString('base64url');
  const hs256 = write({ alg: 'HS256', typ: 'at+jwt', kid: keys.signingKeyId });
  const hmac = createHmac('sha256', JSON.stringify(keys.jwks.keys[0]))
    .update(`${hs256}.${goodPayload}`)
    .digest('base64url');
  const unsigned = (alg: unknown) => `${write({ alg, typ: 'at+jwt', kid: keys.signingKeyId })}.${goodPayload}.`;
  it.each([
    ['another key', `${goodHeader}.${goodPayload}.${byOther.toString('base64url')}`],
    ['a changed claim', `${goodHeader}.${write({ ...read(goodPayload), sub: 'eve' })}.${goodSignature}`],
    ['a zero signature', `${goodHeader}.${goodPayload}.${'A'.repeat(86)}`],
    ['a short signature', `${goodHeader}.${goodPayload}.${goodSignature.slice(0, 40)}`],
    ['no signature', `${goodHeader}.${goodPayload}.`],
    ['a DER signature', `${goodHeader}.${goodPayload}.${der}`],
    ['alg none', unsigned('none')],
    ['alg nOnE', unsigned('nOnE')],
    ['an empty alg', unsigned('')],
    ['a list for an alg', unsigned(['ES256'])],
    ['HS256 with the public key', `${hs256}.${goodPayload}.${hmac}`],
    ['alg ES384 beside our signature', forge({ alg: 'ES384' }, read(goodPayload))],
    ['an unknown kid', forge({ kid: '../../dev/null' }, read(goodPayload))],
    ['a kid of 10 kB', forge({ kid: 'x'.repeat(10_000) }, read(goodPayload))],
    ['jku', forge({ jku: 'https://evil.example' }, read(goodPayload))],
    ['an embedded jwk', forge({ jwk: { ...jwk, d: undefined } }, read(goodPayload))],
    ['an unknown crit', forge({ crit: ['x'], x: 1 }, read(goodPayload))],
    ['typ JWT', forge({ typ: 'JWT' }, read(goodPayload))],
    ['no typ', forge({ typ: undefined }, read(goodPayload))],
    ['another issuer', withClaims({ iss: 'https://auth.test/' })],
    ['another audience', withClaims({ aud: 'https://auth.test' })],
    ['an object for an audience', withClaims({ aud: { 'https://api.test': true } })],
    ['an exp in quotes', withClaims({ exp: String(now + 900) })],
    ['no exp', withClaims({ exp: undefined })],
    ['an nbf to come', withClaims({ nbf: now + 60 })],
    ['no session', withClaims({ sid: undefined })],
    ['no epoch', withClaims({ epoch: undefined })],
    ['two subjects', forge({}, JSON.stringify(read(goodPayload)).replace('{', '{"sub":"eve",'))],
    ['claims that are no object', forge({}, '[]')],
    ['padding', `${good}=`],
    ['a space', `${good} `],
    ['four parts', `${good}.e30`],
    ['two parts', `${goodHeader}.${goodPayload}`],
    ['a megabyte', `${goodHeader}.${'A'.repeat(1_000_000)}.${goodSignature}`],
    ['nothing', ''],
  ])('with %s are refused', (_title, text) => {
    expect(tokens.verify(text, now)).toBeUndefined();
  });

  it('are good until they expire, give or take the 5 s that two clocks may differ', () => {
    expect(tokens.verify(good, (now - 5) as EpochSeconds)).toBeDefined();
    expect(tokens.verify(good, (now - 6) as EpochSeconds)).toBeUndefined();
    expect(tokens.verify(good, (now + 904) as EpochSeconds)).toBeDefined();
    expect(tokens.verify(good, (now + 905) as EpochSeconds)).toBeUndefined();
  });
});
