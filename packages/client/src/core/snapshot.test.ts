import { describe, expect, it } from 'vitest';
import { dueTab, issuedTokens, ms, signedInShelf, storyStart } from '../testing/machine-driver.fixture.js';
import { initialState } from './session-machine.js';
import type { SessionState } from './session-state.js';
import { looksTheSame, snapshotOf } from './snapshot.js';

const user = { id: '1', username: 'ada', profile: {} };
const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const accessToken = `${encode({ alg: 'ES256' })}.${encode({ sub: '1', iat: 5 })}.c2ln`;
const now = ms(storyStart);

function stateOf(given: Parameters<typeof issuedTokens>[1] = {}, more: Partial<SessionState> = {}): SessionState {
  const { record } = signedInShelf(issuedTokens('0', { user, accessToken, ...given }));
  return { ...initialState, known: true, record, ...more };
}

describe('what the app sees', () => {
  it('is who is signed in, what the token says, and until when', () => {
    expect(snapshotOf(stateOf(), now)).toEqual({
      ...{ status: 'signed-in', user, claims: { sub: '1', iat: 5 }, expiresAt: storyStart + 900_000 },
      ...{ online: true, tier: 'K' },
    });
  });

  it('is nobody’s name or claims where the token does not tell', () => {
    const opaque = snapshotOf(stateOf({ accessToken: 'opaque', user: undefined }), now);
    expect([opaque.status, opaque.user, opaque.claims]).toEqual(['signed-in', undefined, undefined]);
  });

  it('is that nobody is signed in, once that is known', () => {
    const nobody = { user: undefined, claims: undefined, expiresAt: undefined, tier: undefined, online: true };
    expect(snapshotOf({ ...initialState, known: true }, now)).toEqual({ status: 'signed-out', ...nobody });
    expect(snapshotOf(initialState, now)).toEqual({ status: 'restoring', ...nobody });
  });

  it('is the copy until the record is known, unless the session would be over by now', () => {
    const at = (end: number | null) =>
      snapshotOf(stateOf({ sessionExpiresAt: end === null ? null : ms(end) }, { known: false }), now).status;
    expect([at(storyStart + 1), at(null), at(storyStart)]).toEqual(['signed-in', 'signed-in', 'restoring']);
    expect(snapshotOf(stateOf({ sessionExpiresAt: now }), now).status).toBe('signed-in');
  });
});

describe('two states look the same without a look at their tokens', () => {
  it.each<[string, Partial<SessionState>, boolean]>([
    ['nothing has changed', {}, true],
    ['only what no app sees has', { failures: 1, retryAt: ms(5) }, true],
    ['the record has', { record: undefined }, false],
    ['the network has', { online: false }, false],
    ['the record is no longer known', { known: false }, false],
  ])('when %s: %s', (_, change, same) => {
    const { state } = dueTab();
    expect(looksTheSame(state, { ...state, ...change })).toBe(same);
    expect(looksTheSame({ ...state, ...change }, state)).toBe(same);
  });

  it('but never before the record is known: then the time tells, too', () => {
    const unknown = { ...dueTab().state, known: false };
    expect(looksTheSame(unknown, unknown)).toBe(false);
  });
});
