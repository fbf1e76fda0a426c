import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeBase64Url } from './base64url.js';
import { decodeRefreshToken, encodeRefreshToken, encodeRefreshTokenPayload } from './refresh-token.js';

const bytes = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: length, maxLength: length });
const parts = fc.record({
  keyId: fc.nat(255),
  sessionId: bytes(16).map(encodeBase64Url),
  generation: fc.nat(0xffffffff),
  secret: bytes(32),
});
const sound = {
  keyId: 1,
  sessionId: encodeBase64Url(new Uint8Array(16).fill(7)),
  generation: 3,
  secret: new Uint8Array(32).fill(9),
};
const text = encodeRefreshToken(encodeRefreshTokenPayload(sound), new Uint8Array(16).fill(1));

describe('the refresh token format', () => {
  it('comes apart as it was put together, and is 98 characters', () => {
    fc.assert(
      fc.property(parts, bytes(16), (given, tag) => {
        const payload = encodeRefreshTokenPayload(given);
        const token = encodeRefreshToken(payload, tag);
        expect(token).toHaveLength(98);
        const plain = { ...given, secret: Uint8Array.from(given.secret) };
        expect(decodeRefreshToken(token)).toEqual({ ...plain, payload, tag: Uint8Array.from(tag) });
      }),
    );
  });

  it('gives each token one spelling: no other text of the same length reads as the same bytes', () => {
    for (let at = 0; at < text.length; at++) {
      for (const letter of 'AQgw_-Z9.=') {
        const other = decodeRefreshToken(text.slice(0, at) + letter + text.slice(at + 1));
        if (letter === text[at] || !other) continue;
        expect(encodeRefreshToken(other.payload, other.tag)).not.toBe(text);
      }
    }
    const strayBits = (end: string): string => text.slice(0, -1) + end;
    expect(['A', 'Q', 'g', 'w'].filter((end) => decodeRefreshToken(strayBits(end)))).toHaveLength(4);
    expect(decodeRefreshToken(strayBits('B'))).toBeUndefined();
  });

  it.each([
    ['nothing', ''],
    ['an access token', 'e30.e30.c2ln'],
    ['another version', text.replace('lk1_', 'lk2_')],
    ['a missing tag', text.split('.')[0] ?? ''],
    ['a newline behind', `${text}\n`],
    ['a space before', ` ${text}`],
    ['padding', `${text}==`],
    ['one letter more', `${text}A`],
    ['letters of another alphabet', text.replace('B', '+')],
  ])('is not %s', (_, value) => {
    expect(decodeRefreshToken(value)).toBeUndefined();
  });

  it.each([
    ['a key id above 255', { keyId: 256 }],
    ['a key id below 0', { keyId: -1 }],
    ['a fraction as key id', { keyId: 1.5 }],
    ['a generation that would wrap round', { generation: 2 ** 32 }],
    ['a negative generation', { generation: -1 }],
    ['a session id of 15 bytes', { sessionId: encodeBase64Url(new Uint8Array(15)) }],
    ['a session id that is none', { sessionId: '!' }],
    ['a secret of 31 bytes', { secret: new Uint8Array(31) }],
  ])('cannot be made with %s', (_, change) => {
    expect(() => encodeRefreshTokenPayload({ ...sound, ...change })).toThrow(RangeError);
  });
});
