import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkClaims, decodeAccessToken } from './access-token-claims.js';
import { epochSeconds, seconds } from './time.js';

const encode = (value: string | Uint8Array): string => Buffer.from(value).toString('base64url');
const token = (claims: unknown, header: unknown = { alg: 'ES256' }): string =>
  `${encode(JSON.stringify(header))}.${encode(typeof claims === 'string' ? claims : JSON.stringify(claims))}.c2ln`;

describe('decodeAccessToken', () => {
  it('reads names in UTF-8, which atob alone would garble', () => {
    const read = decodeAccessToken(token({ sub: '1', name: 'Zoë 日本 \u{1f511}' }));
    expect(read).toEqual({ header: { alg: 'ES256' }, claims: { sub: '1', name: 'Zoë 日本 \u{1f511}' } });
  });

  it('reads the claims of any token that carries an object', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^x\w{0,8}$/), fc.jsonValue()), (claims) => {
        // But for what the next test but one is about.
        const expected: unknown = JSON.parse(JSON.stringify(claims), (key, value: unknown) =>
          key === '__proto__' ? undefined : value,
        );
        expect(decodeAccessToken(token(claims))?.claims).toEqual(expected);
      }),
    );
  });

  it('never throws, whatever the text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => decodeAccessToken(text) === undefined));
    fc.assert(fc.property(fc.stringMatching(/^[\w-]*\.[\w-]*\.[\w-]*$/), (text) => void decodeAccessToken(text)));
  });

  it.each([
    ['an opaque token', 'lk_opaque'],
    ['two parts', 'e30.e30'],
    ['four parts', 'e30.e30.e30.e30'],
    ['five parts, as encrypted tokens have', 'e30.e30.e30.e30.e30'],
    ['padding', `${Buffer.from('{"a":1}').toString('base64')}.e30.`],
    ['white space around', ` ${token({})}`],
    ['a newline behind', `${token({})}\n`],
    ['stray bits in the signature', 'e30.e30.AB'],
    ['a payload that is no object', token('[]')],
    ['invalid UTF-8', `e30.${encode(Uint8Array.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]))}.`],
    ['a claim that stands twice', token('{"exp":1,"exp":2}')],
    ['a lone surrogate in sub', token(String.raw`{"sub":"\ud800"}`)],
    ['a lone surrogate in aud', token(String.raw`{"aud":["\udc00a"]}`)],
    ['exp in quotes', token({ exp: '1' })],
    ['exp null', token({ exp: null })],
    ['exp true', token({ exp: true })],
    ['exp in an array', token({ exp: [1] })],
    ['exp beyond all numbers', token('{"exp":1e400}')],
    ['exp negative', token({ exp: -1 })],
    ['nbf in quotes', token({ nbf: '1' })],
    ['iat in quotes', token({ iat: '1' })],
    ['sub a number', token({ sub: 1 })],
    ['sid an object', token({ sid: {} })],
    ['aud an object', token({ aud: {} })],
    ['aud with a number', token({ aud: ['a', 1] })],
    ['epoch a fraction', token({ epoch: 1.5 })],
  ])('gives undefined for %s', (_, text) => {
    expect(decodeAccessToken(text)).toBeUndefined();
  });

  it('leaves a __proto__ claim out', () => {
    const read = decodeAccessToken(token('{"sub":"1","__proto__":{"role":"admin"}}'));
    expect(read?.claims).toEqual({ sub: '1' });
    expect(read?.claims['role']).toBeUndefined();
  });
});

describe('checkClaims', () => {
  const now = epochSeconds(1_800_000_000);
  const issuer = 'https://auth.example.com';
  const expected = { issuer, audience: 'https://api.example.com', clockToleranceSeconds: seconds(5) };
  const good: Record<string, unknown> = { iss: issuer, sub: '1', aud: expected.audience, iat: now, exp: now + 900 };
  const verdict = (change: Record<string, unknown>): string => checkClaims({ ...good, ...change }, expected, now);

  it.each([
    ['good claims', {}, 'ok'],
    ['us among several audiences', { aud: ['https://other.example', expected.audience] }, 'ok'],
    ['another audience', { aud: 'https://other.example' }, 'wrong_audience'],
    ['an audience list without us', { aud: [] }, 'wrong_audience'],
    ['a prefix of our audience', { aud: 'https://api.example.co' }, 'wrong_audience'],
    ['no audience', { aud: undefined }, 'wrong_audience'],
    ['issuer in other case', { iss: 'https://Auth.example.com' }, 'wrong_issuer'],
    ['issuer with a slash', { iss: `${issuer}/` }, 'wrong_issuer'],
    ['no issuer', { iss: undefined }, 'missing_claim'],
    ['no exp', { exp: undefined }, 'missing_claim'],
    ['no iat', { iat: undefined }, 'missing_claim'],
    ['no sub', { sub: undefined }, 'missing_claim'],
    ['exp just within tolerance', { exp: now - 4 }, 'ok'],
    ['exp at the end of tolerance', { exp: now - 5 }, 'expired'],
    ['nbf at the tolerance', { nbf: now + 5 }, 'ok'],
    ['nbf beyond', { nbf: now + 6 }, 'not_yet_valid'],
    ['iat beyond', { iat: now + 6 }, 'not_yet_valid'],
    ['milliseconds taken for seconds in iat', { iat: now * 1000, exp: now * 1000 + 1 }, 'not_yet_valid'],
    ['exp not a number', { exp: Number.NaN }, 'malformed_claim'],
  ])('answers %s with the right verdict', (_, change, wanted) => {
    expect(verdict(change)).toBe(wanted);
  });
});
