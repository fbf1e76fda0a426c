import { describe, expect, it } from 'vitest';
import { upload } from '../transfer.js';
import { fakeSession } from './fake-session.js';

interface Profile {
  readonly city?: string;
}
const ada = { id: '7', username: 'ada', profile: { city: 'London' } };

describe('fakeSession', () => {
  it('begins signed out, or as the given user with the given claims', () => {
    expect(fakeSession().snapshot()).toMatchObject({ status: 'signed-out', user: undefined, claims: undefined });
    const { status, user, claims } = fakeSession<Profile>({ user: ada, claims: { sub: '7' } }).snapshot();
    expect([status, user, claims]).toEqual(['signed-in', ada, { sub: '7' }]);
  });

  it('is driven by signIn and signOut, and tells its listeners of each', async () => {
    const session = fakeSession<Profile>({ user: ada });
    const seen: (string | undefined)[] = [];
    const stop = session.subscribe(({ user }) => seen.push(user?.id));
    await session.signOut();
    await session.signIn({ username: 'ada', password: 'any' });
    await session.signUp({ username: 'bob', password: 'any', profile: { city: 'Paris' } });
    stop();
    await session.signOut();
    expect(seen).toEqual([undefined, '7', 'id-of-bob']);
    expect(session.explain().map(({ type }) => type)).toEqual(['signed_out', 'signed_in', 'signed_in', 'signed_out']);
  });

  it('refuses without a user what the real one refuses', async () => {
    const session = fakeSession();
    const calls = [
      () => session.accessToken(),
      () => session.refresh(),
      () => session.updateUser({ profile: {} }),
      () => session.changePassword({ current: 'a', next: 'b' }),
      () => session.objectUrl('/x'),
    ];
    for (const call of calls) await expect(call()).rejects.toMatchObject({ code: 'ERR_SIGNED_OUT' });
  });

  it('answers with a user', async () => {
    const session = fakeSession<Profile>({ user: ada });
    expect(await session.accessToken()).toContain('7');
    expect(await session.refresh()).toBe(session.snapshot());
    expect(await session.objectUrl('/a.png')).toMatch(/^blob:.*a\.png$/);
    expect(await session.updateUser({ profile: { city: 'Bath' } })).toMatchObject({ profile: { city: 'Bath' } });
    expect(session.snapshot().user?.profile.city).toBe('Bath');
    await expect(session.changePassword({ current: 'a', next: 'b' })).resolves.toBeUndefined();
    session.start()();
  });

  it('shows what a test wants to be seen, in a new frozen snapshot', () => {
    const session = fakeSession({ user: ada });
    const before = session.snapshot();
    session.show({ online: false });
    expect([before.online, session.snapshot().online]).toEqual([true, false]);
    expect(Object.isFrozen(session.snapshot())).toBe(true);
  });

  it('fetches and uploads by the given function', async () => {
    const asked: string[] = [];
    const session = fakeSession({
      fetch: (input) => {
        asked.push(input as string);
        return Promise.resolve(new Response('x'));
      },
    });
    expect(await (await session.fetch('/a')).text()).toBe('x');
    expect((await upload(session, '/b', { body: 'x' })).ok).toBe(true);
    expect(asked).toEqual(['/a', '/b']);
  });
});
