import { describe, expect, it } from 'vitest';
import { issuedTokens, signedInShelf } from '../testing/machine-driver.fixture.js';
import type { StorageLike } from '../session.js';
import { legacyStorage } from './legacy-keys.js';

const keys = { access: 'currentUser', refresh: 'refresh', user: 'user' };
const mark = 'latchkey.default.legacy';
const ada = { id: '1', username: 'ada', profile: {} };
const bob = { id: '2', username: 'bob', profile: {} };
const sessionOf = (name: string, user?: typeof ada) => signedInShelf(issuedTokens(name, { user })).record!.session!;

/** A web storage with something in it. */
function storageWith(texts: Record<string, string>): StorageLike & { readonly texts: Map<string, string> } {
  const all = new Map(Object.entries(texts));
  return {
    texts: all,
    getItem: (key) => all.get(key) ?? null,
    setItem: (key, text) => void all.set(key, text),
    removeItem: (key) => void all.delete(key),
  };
}

const open = (texts: Record<string, string>, given: Partial<Parameters<typeof legacyStorage>[0]> = {}) => {
  const storage = storageWith(texts);
  return { storage, legacy: legacyStorage({ ...keys, ...given }, mark, storage) };
};

describe('the keys of the time before Latchkey', () => {
  it.each([
    ['raw tokens', { currentUser: 'a', refresh: 'r' }],
    ['texts of JSON', { currentUser: '"a"', refresh: '"r"' }],
    ['objects', { currentUser: '{"access":"a","more":1}', refresh: '{"refreshToken":"r"}' }],
  ])('are read as %s, and kept in step in the shape that they have', (_, texts) => {
    const { legacy, storage } = open(texts);
    expect(legacy.read()).toEqual({ accessToken: 'a', refreshToken: 'r', user: undefined, issuedAt: undefined });
    legacy.mirror(sessionOf('2'));
    expect(legacy.read()).toMatchObject({ accessToken: 'access-2', refreshToken: 'refresh-2' });
    expect(storage.texts.get('currentUser')).toBe(texts.currentUser.replace(/(^"?|:")a("|$)/, '$1access-2$2'));
  });

  it.each(['', 'undefined', 'null', '{}', '[]', '0', 'false'])('are nobody’s when they hold %j', (text) => {
    expect(open({ currentUser: text, refresh: text, user: JSON.stringify(ada) }).legacy.read()).toBeUndefined();
  });

  it('are not made where they are not there', () => {
    const { legacy, storage } = open({});
    legacy.mirror(sessionOf('1', ada));
    expect([...storage.texts]).toEqual([]);
    expect(legacy.read()).toBeUndefined();
  });

  it('hold one person’s tokens and user, never another’s', () => {
    const texts = { currentUser: 'a', refresh: 'r', user: JSON.stringify({ ...ada, theme: 'dark' }) };
    const { legacy, storage } = open(texts);
    legacy.mirror(sessionOf('ada', ada));
    expect(storage.texts.get('user'), 'the same person’s stays as the app wrote it').toBe(texts.user);
    expect(legacy.read()).toMatchObject({ user: ada });
    legacy.mirror(sessionOf('bob', bob));
    expect(legacy.read()).toMatchObject({ accessToken: 'access-bob', user: bob });
    legacy.mirror(sessionOf('nameless'));
    expect(legacy.read()).toMatchObject({ accessToken: 'access-nameless', user: undefined });
  });

  it('say so when the version of before has signed out what was kept in step for it', () => {
    const { legacy, storage } = open({ currentUser: 'a', refresh: 'r' });
    legacy.mirror(sessionOf('1', ada));
    storage.removeItem('currentUser');
    storage.removeItem('refresh');
    expect(legacy.read()).toBe('signed-out');
    legacy.mirror(null);
    expect(legacy.read()).toBeUndefined();
    expect([...storage.texts]).toEqual([]);
  });

  it('say nothing when they were never kept in step, or when all of the storage was cleared', () => {
    const { legacy, storage } = open({ currentUser: 'a' });
    legacy.mirror(sessionOf('1', ada));
    storage.removeItem('currentUser');
    expect(legacy.read()).toBeUndefined();
    const cleared = open({ currentUser: 'a', refresh: 'r' });
    cleared.legacy.mirror(sessionOf('1', ada));
    cleared.storage.texts.clear();
    expect(cleared.legacy.read()).toBeUndefined();
  });

  it('go with a sign-out of this version', () => {
    const { legacy, storage } = open({ currentUser: 'a', refresh: 'r', user: '{}', theme: 'dark' });
    legacy.mirror(sessionOf('1', ada));
    legacy.mirror(null);
    expect([...storage.texts]).toEqual([['theme', 'dark']]);
  });

  it('are read by the app’s own parse, which may fail', () => {
    const parse = (text: string, what: 'access' | 'refresh') => (JSON.parse(text) as Record<string, string>)[what];
    const both = JSON.stringify({ access: 'a', refresh: 'r' });
    expect(open({ currentUser: both, refresh: both }, { parse }).legacy.read()).toMatchObject({ refreshToken: 'r' });
    expect(open({ currentUser: 'no JSON', refresh: both }, { parse }).legacy.read()).toBeUndefined();
  });

  it('never throw, whatever the storage does', () => {
    const broken = (): never => {
      throw new Error('blocked');
    };
    const legacy = legacyStorage(keys, mark, { getItem: broken, setItem: broken, removeItem: broken });
    expect(legacy.read()).toBeUndefined();
    expect(() => legacy.mirror(sessionOf('1', ada))).not.toThrow();
    expect(() => legacy.mirror(null)).not.toThrow();
  });
});
