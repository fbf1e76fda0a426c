import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { issuedTokens, ms, signInWith, signedInShelf, storyStart } from '../testing/machine-driver.fixture.js';
import {
  type RecordChange,
  type SessionRecord,
  applyChange,
  expectedOf,
  personIn,
  personOf,
} from './session-record.js';

const user = { id: '1', username: 'ada', profile: { colour: 'blue' } };
const start = (): SessionRecord => signedInShelf(issuedTokens('0', { user })).record!;
const expected = (record: SessionRecord) => expectedOf(record.epoch, record.session!);
const out = { kind: 'signed-out', reason: 'user', sessionId: 'session-a', revoke: true } as const;
const next = (name: string, given: Parameters<typeof issuedTokens>[1] = {}) =>
  issuedTokens(name, { refreshedAt: ms(storyStart + 1000), generation: undefined, ...given });

describe('a sign-in', () => {
  it('makes a record where there is none, at the first epoch', () => {
    expect(start()).toMatchObject({ version: 1, revision: 1, epoch: 1, ended: null, unrevoked: [] });
    expect(start().session).toMatchObject({ id: 'session-a', user, generation: 0, tier: 'K', superseded: [] });
  });

  it('replaces another session and a tombstone, at a higher epoch each time', () => {
    const second = applyChange(start(), signInWith(issuedTokens('b', { sessionId: 'session-b' }))).record!;
    expect([second.epoch, second.session?.id, second.session?.user]).toEqual([2, 'session-b', null]);
    const ended = applyChange(second, { ...out, sessionId: 'session-b' }).record!;
    const third = applyChange(ended, signInWith(issuedTokens('c', { sessionId: 'session-c' }))).record!;
    expect(third).toMatchObject({ epoch: 4, ended: null, unrevoked: ['refresh-b'], session: { id: 'session-c' } });
  });

  it('begins at the generation that its backend counts, or at the first', () => {
    const generationOf = (generation: number | undefined) =>
      signedInShelf(issuedTokens('0', { generation })).record?.session?.generation;
    expect([generationOf(5), generationOf(undefined)]).toEqual([5, 0]);
  });

  it('does not touch a record of another token endpoint', () => {
    const theirs = { ...start(), endpoint: 'https://other.test/refresh' };
    expect(applyChange(theirs, signInWith(issuedTokens('b')))).toEqual({ record: theirs, won: false });
  });

  it('without a refresh token keeps an empty one', () => {
    expect(signedInShelf(issuedTokens('0', { refreshToken: undefined })).record?.session?.refreshToken).toBe('');
  });

  it('from an app’s old keys is made only where there is no record, not even a tombstone', () => {
    const adopted: RecordChange = { ...signInWith(issuedTokens('old')), kind: 'adopted' } as RecordChange;
    expect(applyChange(undefined, adopted).record?.session).toMatchObject({
      accessToken: 'access-old',
      remember: true,
    });
    const ended = applyChange(start(), out).record;
    expect(applyChange(ended, adopted)).toEqual({ record: ended, won: false });
  });
});

describe('an app’s old keys, used again while a session lives', () => {
  const jwt = (iat: number, more = {}) => `${encode({ alg: 'ES256' })}.${encode({ iat, ...more })}.c2ln`;
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const living = signedInShelf(issuedTokens('0', { user, accessToken: jwt(1000) })).record!;
  const adopt = (accessToken: string, given: Parameters<typeof issuedTokens>[1] = {}): RecordChange =>
    ({ ...signInWith(issuedTokens('old', { accessToken, ...given })), kind: 'adopted' }) as RecordChange;

  it('are taken over when their token is newer by the server’s word: the session goes on', () => {
    const { record, won } = applyChange(living, adopt(jwt(1001), { generation: 3 }));
    expect(won).toBe(true);
    expect(record).toMatchObject({ epoch: living.epoch, session: { id: 'session-a', generation: 3, user } });
    expect(record?.session).toMatchObject({ accessToken: jwt(1001), refreshToken: 'refresh-old', remember: true });
    expect(record?.session?.superseded).toEqual([{ generation: 0, refreshToken: 'refresh-0' }]);
  });

  it('are another session where the backend counts them as one', () => {
    const { record } = applyChange(living, adopt(jwt(1001), { sessionId: 'session-b' }));
    expect(record).toMatchObject({ epoch: living.epoch + 1, session: { id: 'session-b', user: null } });
  });

  it.each(['sub', 'user_id'])('are the same person’s where the backend says no more than %s', (name) => {
    const mine = signedInShelf(issuedTokens('0', { user, accessToken: jwt(1000, { [name]: '7' }) })).record!;
    const given = { generation: undefined, sessionId: 'made up' };
    const same = applyChange(mine, adopt(jwt(1001, { [name]: '7' }), given)).record;
    expect(same).toMatchObject({ epoch: mine.epoch, session: { id: 'session-a', generation: 1, user } });
    const other = applyChange(mine, adopt(jwt(1001, { [name]: '8' }), given)).record;
    expect(other).toMatchObject({ epoch: mine.epoch + 1, session: { id: 'made up', user: null } });
  });

  it.each([
    ['as old, as of the same second', jwt(1000)],
    ['opaque, so that nobody can tell', 'opaque'],
  ])('are taken over when their token is %s, unless this one has replaced it', (_, accessToken) => {
    const taken = applyChange(living, adopt(accessToken, { generation: 1 })).record?.session;
    expect(taken).toMatchObject({ accessToken, refreshToken: 'refresh-old' });
    const after = applyChange(living, { kind: 'tokens', expected: expected(living), tokens: next('1') }).record!;
    for (const refreshToken of ['refresh-0', 'refresh-1']) {
      expect(applyChange(after, adopt(accessToken, { refreshToken }))).toEqual({ record: after, won: false });
    }
  });

  it('are taken over by a session whose own token says no time', () => {
    const opaque = signedInShelf(issuedTokens('0', { accessToken: 'opaque' })).record!;
    expect(applyChange(opaque, adopt(jwt(5), { generation: 1 })).won).toBe(true);
  });

  it('are left alone when their token is older, as when they could not be kept in step', () => {
    expect(applyChange(living, adopt(jwt(999)))).toEqual({ record: living, won: false });
  });

  it('never bring another person’s name: who is not named is another, and the record knows more of the same', () => {
    const unnamed = { generation: undefined, sessionId: 'made up' };
    expect(applyChange(living, adopt(jwt(1001, { uid: 8 }), unnamed)).record?.session?.user).toBeNull();
    const stale = { ...user, profile: { colour: 'red' } };
    expect(applyChange(living, adopt(jwt(1001), { user: stale })).record?.session?.user).toEqual(user);
  });

  it('are left alone when the session is another token endpoint’s', () => {
    const theirs = { ...living, endpoint: 'https://other.test/refresh' };
    expect(applyChange(theirs, adopt(jwt(1001)))).toEqual({ record: theirs, won: false });
  });
});

describe('new tokens', () => {
  it('are written over those that were presented, which are kept to walk up from', () => {
    const record = start();
    const { record: after, won } = applyChange(record, {
      kind: 'tokens',
      expected: expected(record),
      tokens: next('1', { generation: 7, sessionExpiresAt: ms(5) }),
    });
    expect(won).toBe(true);
    expect(after).toMatchObject({ epoch: 1, revision: 2 });
    expect(after?.session).toMatchObject({ generation: 7, refreshToken: 'refresh-1', user, sessionExpiresAt: 5 });
    expect(after?.session?.superseded).toEqual([{ generation: 0, refreshToken: 'refresh-0' }]);
  });

  it('that say no refresh token, user or end leave what was there, and raise the count', () => {
    const record = start();
    const tokens = next('1', { refreshToken: undefined });
    const after = applyChange(record, { kind: 'tokens', expected: expected(record), tokens }).record;
    expect(after?.session).toMatchObject({ refreshToken: 'refresh-0', user, generation: 1, superseded: [] });
    expect(after?.session?.accessToken).toBe('access-1');
  });

  it.each([
    ['epoch', { epoch: 2 }],
    ['session', { sessionId: 'session-b' }],
    ['refresh token', { refreshToken: 'refresh-x' }],
    ['count', { generation: 1 }],
  ])('lose where the %s is no longer that of the request', (_, other) => {
    const record = start();
    const change = { kind: 'tokens', expected: { ...expected(record), ...other }, tokens: next('1') } as const;
    expect(applyChange(record, change)).toEqual({ record, won: false });
    expect(
      applyChange(record, { kind: 'refused', expected: change.expected, reason: 'refused', revoke: false }).won,
    ).toBe(false);
  });

  it('keep the last eight superseded tokens, oldest first', () => {
    let record = start();
    for (let i = 1; i <= 12; i += 1) {
      record = applyChange(record, { kind: 'tokens', expected: expected(record), tokens: next(String(i)) }).record!;
    }
    expect(record.session?.superseded.map(({ generation }) => generation)).toEqual([4, 5, 6, 7, 8, 9, 10, 11]);
  });

  it('never bring back a session that was signed out, nor one that another replaced', () => {
    const record = start();
    const late: RecordChange = { kind: 'tokens', expected: expected(record), tokens: next('1') };
    const ended = applyChange(record, out).record;
    expect(applyChange(ended, late)).toEqual({ record: ended, won: false });
    expect(applyChange(undefined, late)).toEqual({ record: undefined, won: false });
    const again = applyChange(ended, signInWith(issuedTokens('0'))).record;
    expect(applyChange(again, late).won).toBe(false);
  });
});

describe('the end', () => {
  it('by sign-out names the session, raises the epoch and queues the revocation', () => {
    const after = applyChange(start(), out).record;
    expect(after).toMatchObject({ epoch: 2, session: null, unrevoked: ['refresh-0'] });
    expect(after?.ended).toEqual({ sessionId: 'session-a', reason: 'user' });
    expect(applyChange(after, out)).toEqual({ record: after, won: false });
  });

  it('by a refusal, or where the server knows, queues nothing', () => {
    const record = start();
    const refused = applyChange(record, {
      kind: 'refused',
      expected: expected(record),
      reason: 'expired',
      revoke: false,
    }).record;
    expect(refused).toMatchObject({ session: null, unrevoked: [], ended: { reason: 'expired' } });
    expect(applyChange(record, { ...out, revoke: false }).record?.unrevoked).toEqual([]);
  });

  it('of another session than the one that is there changes nothing', () => {
    const record = start();
    expect(applyChange(record, { ...out, sessionId: 'session-b' })).toEqual({ record, won: false });
  });

  it('is off the queue once the server has heard, each token by itself', () => {
    const record = { ...start(), unrevoked: ['r1', 'r2'] };
    const after = applyChange(record, { kind: 'revoked', refreshToken: 'r1' }).record;
    expect(after?.unrevoked).toEqual(['r2']);
    expect(applyChange(after, { kind: 'revoked', refreshToken: 'r1' }).won).toBe(false);
  });
});

it('a user is taken for the session and epoch that asked, and for no other', () => {
  const record = start();
  const grace = { ...user, username: 'grace' };
  const change = { kind: 'user', epoch: 1, sessionId: 'session-a', user: grace } as const;
  expect(applyChange(record, change).record?.session?.user).toEqual(grace);
  expect(applyChange(record, { ...change, epoch: 2 }).won).toBe(false);
  expect(applyChange(record, { ...change, sessionId: 'session-b' }).won).toBe(false);
});

it('E28: fields of a newer version survive every change, in the record and in the session', () => {
  const record = start();
  const newer = { ...record, binding: { jkt: 'x' }, session: { ...record.session!, activeAt: 5 } };
  const changes: RecordChange[] = [
    { kind: 'tokens', expected: expected(record), tokens: next('1') },
    { kind: 'user', epoch: 1, sessionId: 'session-a', user },
    out,
    { kind: 'refused', expected: expected(record), reason: 'refused', revoke: false },
    signInWith(issuedTokens('b', { sessionId: 'session-b' })),
  ];
  for (const change of changes) {
    const after = applyChange(newer, change).record;
    expect(after).toMatchObject({ binding: { jkt: 'x' } });
    if (after?.session?.id === 'session-a') expect(after.session).toMatchObject({ activeAt: 5 });
  }
});

it('a record without a session, edited by hand, takes no tokens and no refusal of what it had', () => {
  const edited = { ...start(), session: null };
  const expectedThen = expected(start());
  for (const change of [
    { kind: 'tokens', expected: expectedThen, tokens: next('1') },
    { kind: 'refused', expected: expectedThen, reason: 'refused', revoke: false },
  ] as const) {
    expect(applyChange(edited, change)).toEqual({ record: edited, won: false });
  }
});

it('claims say who a token is for by their subject, or by a number or text of SimpleJWT', () => {
  expect([personIn({ sub: '7' }), personIn({ user_id: 7 }), personIn({ user_id: '7' })]).toEqual(['7', '7', '7']);
  expect([personIn(undefined), personIn({}), personIn({ user_id: true })]).toEqual([undefined, undefined, undefined]);
  expect([personOf(undefined), personOf(null), personOf({ accessToken: 'opaque' })]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

it('in any order of changes the epoch and revision never fall, and only a sign-in begins a session', () => {
  const kinds = ['tokens', 'refused', 'user', 'out', 'in', 'revoked'] as const;
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom(...kinds), fc.boolean()), { maxLength: 30 }), (steps) => {
      let record: SessionRecord | undefined;
      let old = start();
      steps.forEach(([kind, current], index) => {
        const base = (current ? record : old)?.session ? (current ? record! : old) : start();
        const sessionId = base.session!.id;
        const change = {
          tokens: { kind: 'tokens', expected: expected(base), tokens: next(String(index)) },
          refused: { kind: 'refused', expected: expected(base), reason: 'refused' },
          user: { kind: 'user', epoch: base.epoch, sessionId, user },
          out: { ...out, sessionId },
          in: signInWith(issuedTokens(String(index), { sessionId: `session-${index}` })),
          revoked: { kind: 'revoked', refreshToken: base.session!.refreshToken },
        }[kind] as RecordChange;
        const { record: after, won } = applyChange(record, change);
        expect((after?.epoch ?? 0) - (record?.epoch ?? 0)).toBe(won && ['in', 'out', 'refused'].includes(kind) ? 1 : 0);
        expect((after?.revision ?? 0) - (record?.revision ?? 0)).toBe(won ? 1 : 0);
        if (!record?.session && after?.session) expect(kind).toBe('in');
        if (record?.session) old = record;
        record = after;
      });
    }),
  );
});
