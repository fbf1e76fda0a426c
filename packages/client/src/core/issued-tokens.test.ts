import { encodeBase64Url, seconds } from '@latchkey/protocol';
import { expect, it } from 'vitest';
import { ms } from '../testing/machine-driver.fixture.js';
import { dateTokens } from './issued-tokens.js';
import { initialState } from './session-machine.js';
import { sameSnapshot, snapshotOf } from './snapshot.js';
import { signedInShelf, issuedTokens, storyStart } from '../testing/machine-driver.fixture.js';

const part = (value: object): string => encodeBase64Url(new TextEncoder().encode(JSON.stringify(value)));
const jwt = (claims: object): string => `${part({ alg: 'ES256' })}.${part(claims)}.AAAA`;
const dated = (accessToken: string, expiresIn?: number, refreshExpiresIn?: number) =>
  dateTokens(
    {
      accessToken,
      refreshToken: 'r',
      tokenType: 'Bearer',
      expiresIn: expiresIn === undefined ? undefined : seconds(expiresIn),
      refreshExpiresIn: refreshExpiresIn === undefined ? undefined : seconds(refreshExpiresIn),
      user: undefined,
    },
    { sentAt: ms(1_000_000), sessionId: 's', generation: 3 },
  );

it.each([
  ['what the answer states', jwt({ iat: 5, exp: 10_000 }), 60, 60],
  ['what the token says, on whatever clock', jwt({ iat: 9e8, exp: 9e8 + 900 }), undefined, 900],
  ['five minutes, where nobody says', 'opaque', undefined, 300],
  ['five minutes, where the token has no beginning', jwt({ exp: 9e8 }), undefined, 300],
  ['five minutes, where it ends before it begins', jwt({ iat: 100, exp: 100 }), undefined, 300],
])('a token lives as long as %s, from before the request', (...[, token, stated, lifetime]) => {
  expect(dated(token, stated)).toMatchObject({ refreshedAt: 1e6, accessExpiresAt: 1e6 + lifetime * 1000 });
});

it('a nbf after iat delays its use, and one before does not', () => {
  expect(dated(jwt({ iat: 100, nbf: 110, exp: 400 })).usableFrom).toBe(1_010_000);
  expect(dated(jwt({ iat: 100, nbf: 90, exp: 400 })).usableFrom).toBe(1_000_000);
  expect(dated(jwt({ nbf: 9e8, exp: 9e9 })).usableFrom).toBe(1_000_000);
});

it('the session’s end is known where the server says so', () => {
  expect(dated('x', 60, 2_592_000).sessionExpiresAt).toBe(1e6 + 2_592_000_000);
  expect(dated('x', 60).sessionExpiresAt).toBeNull();
});

it('the copy paints a page at once, unless the session would be over', () => {
  const { record } = signedInShelf(issuedTokens('0', { sessionExpiresAt: ms(storyStart + 1000) }));
  const state = { ...initialState, record };
  expect(snapshotOf(initialState, ms(0)).status).toBe('restoring');
  expect(snapshotOf(state, ms(storyStart)).status).toBe('signed-in');
  expect(snapshotOf(state, ms(storyStart + 1000)).status).toBe('restoring');
  expect(snapshotOf({ ...state, record: undefined, known: true }, ms(0)).status).toBe('signed-out');
  expect(Object.isFrozen(snapshotOf(state, ms(storyStart)))).toBe(true);
});

it('E37: a record read again is no transition', () => {
  const state = { ...initialState, record: signedInShelf().record, known: true };
  const again = { ...state, record: structuredClone(state.record) };
  expect(sameSnapshot(snapshotOf(state, ms(storyStart)), snapshotOf(again, ms(storyStart + 5)))).toBe(true);
  expect(sameSnapshot(snapshotOf(state, ms(0)), snapshotOf({ ...state, online: false }, ms(0)))).toBe(false);
});
