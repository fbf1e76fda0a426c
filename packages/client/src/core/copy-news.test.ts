import { describe, expect, it } from 'vitest';
import { issuedTokens } from '../testing/machine-driver.fixture.js';
import { newestOf, withNews } from './copy-news.js';
import { type RecordChange, type SessionRecord, applyChange, expectedOf } from './session-record.js';

const change = (record: SessionRecord | undefined, made: RecordChange): SessionRecord =>
  applyChange(record, made).record!;
const signIn = (record: SessionRecord | undefined, name: string, tier: 'K' | 'intent'): SessionRecord =>
  change(record, {
    ...{ kind: 'signed-in', endpoint: 'https://api.test/auth/refresh', tier, remember: true },
    tokens: issuedTokens(name, { sessionId: name }),
  });
const signOut = (record: SessionRecord): RecordChange => ({
  kind: 'signed-out',
  reason: 'user',
  sessionId: record.session!.id,
  revoke: true,
});
const rotate = (record: SessionRecord, name: string): SessionRecord =>
  change(record, {
    kind: 'tokens',
    expected: expectedOf(record.epoch, record.session!),
    tokens: issuedTokens(name, { sessionId: record.session!.id, generation: undefined }),
  });

const ada = signIn(undefined, 'ada', 'K');

describe('from the copy comes a sign-out', () => {
  it('of the session that the record has, whatever has become of it since', () => {
    const copy = change(ada, signOut(ada));
    const later = rotate(rotate(ada, '1'), '2');
    const told = withNews(later, copy);
    expect(told).toMatchObject({ session: null, ended: { sessionId: 'ada', reason: 'user' } });
    expect(told.epoch).toBe(later.epoch + 1);
    expect(told.unrevoked, 'the token that is current').toEqual([later.session!.refreshToken]);
  });

  it('and not that of a session before it', () => {
    const bea = signIn(change(ada, signOut(ada)), 'bea', 'K');
    expect(withNews(bea, change(ada, signOut(ada)))).toBe(bea);
  });

  it('and none that names no session', () => {
    expect(withNews(ada, { ...ada, epoch: 9, session: null, ended: null })).toBe(ada);
    const nameless = { ...ada, session: { ...ada.session!, id: '' } };
    expect(withNews(nameless, { ...nameless, session: null, ended: null }).session).toBeNull();
  });
});

describe('from the copy comes what a tab without IndexedDB began or refreshed', () => {
  const bea = signIn(ada, 'bea', 'intent');

  it('a sign-in, with what both have still to tell the server', () => {
    const record = { ...ada, revision: 40, unrevoked: ['one', 'two'] };
    const told = withNews(record, { ...bea, unrevoked: ['two', 'three'] });
    expect(told.session).toEqual(bea.session);
    expect(told.epoch).toBe(bea.epoch);
    expect(told.revision).toBe(41);
    expect(told.unrevoked).toEqual(['one', 'two', 'three']);
  });

  it('a refresh of the same session, and not an older one', () => {
    const [older, newer] = [rotate(bea, '1'), rotate(rotate(bea, '1'), '2')];
    expect(withNews(older, newer).session).toEqual(newer.session);
    expect(withNews(newer, older)).toBe(newer);
    expect(withNews(newer, newer)).toBe(newer);
  });

  it('and none of another session in the same epoch, nor of an epoch before', () => {
    const cleo = signIn(ada, 'cleo', 'intent');
    expect(withNews(cleo, rotate(bea, '1'))).toBe(cleo);
    const later = signIn(cleo, 'dora', 'K');
    expect(withNews(later, rotate(bea, '1'))).toBe(later);
    const ended = change(cleo, signOut(cleo));
    expect(withNews({ ...ended, epoch: bea.epoch }, bea).session).toBeNull();
  });
});

it('nothing else comes from a copy: one of a session with the profile’s key, of another server, or none', () => {
  const bea = signIn(ada, 'bea', 'K');
  expect(withNews(ada, bea)).toBe(ada);
  expect(withNews(ada, rotate(ada, '1'))).toBe(ada);
  expect(withNews(ada, undefined)).toBe(ada);
  const elsewhere = { endpoint: 'https://elsewhere.test/token' };
  expect(withNews(ada, { ...signIn(ada, 'bea', 'intent'), ...elsewhere })).toBe(ada);
  expect(withNews(ada, { ...change(ada, signOut(ada)), ...elsewhere })).toBe(ada);
});

it('the newer of two records is of the later epoch, in one epoch of the later revision, and else the second', () => {
  const record = (epoch: number, revision: number) => ({ ...ada, epoch, revision });
  const [one, other] = [record(2, 3), record(1, 9)];
  expect(newestOf(one, other)).toBe(one);
  expect(newestOf(other, one)).toBe(one);
  expect(newestOf(record(2, 2), one)).toBe(one);
  const twin = record(2, 3);
  expect(newestOf(one, twin)).toBe(twin);
  expect(newestOf(undefined, one)).toBe(one);
  expect(newestOf(one, undefined)).toBe(one);
  expect(newestOf(undefined, undefined)).toBeUndefined();
});
