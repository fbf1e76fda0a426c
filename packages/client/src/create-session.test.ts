import { describe, expect, it } from 'vitest';
import {
  api,
  minute,
  person,
  until,
  noNetwork,
  openWorld,
  signedIn,
  settled,
  pass,
  refreshed,
  tokens,
} from './testing/session-world.fixture.js';

describe('several tabs', () => {
  it('E1: whose token expires in the same moment make one refresh and all have its token', async () => {
    const world = openWorld();
    const tabs = await signedIn(world, 8);
    await pass(world, 14 * minute);
    expect(world.refreshes()).toBe(1);
    expect((await tokens(tabs)).size).toBe(1);
  });

  it('loaded at once make one refresh, and show the user before it', async () => {
    const world = openWorld();
    const [first] = await signedIn(world, 1);
    await world.clock.advance(minute);
    const tabs = Array.from({ length: 8 }, () => world.tab());
    for (const { session } of tabs) session.start();
    expect(tabs.every(({ session }) => session.snapshot().status === 'signed-in')).toBe(true);
    expect(tabs[7]!.session.snapshot().user?.username).toBe('ada');
    await settled(world);
    expect(world.refreshes()).toBe(1);
    expect((await tokens([first!, ...tabs])).size).toBe(1);
  });

  it('E2: without locks stay signed in, with one token in the end', async () => {
    const world = openWorld({ locks: false });
    const tabs = await signedIn(world, 6);
    await pass(world, 120 * minute);
    expect(world.refreshes()).toBeGreaterThan(9);
    expect((await tokens(tabs)).size).toBe(1);
    expect(tabs.flatMap(({ signedOut }) => signedOut)).toEqual([]);
  });

  it('are all signed out by one, each told once, the server too', async () => {
    const world = openWorld();
    const tabs = await signedIn(world, 4);
    const { refreshToken } = world.storage.record()!.session!;
    await tabs[2]!.session.signOut();
    await settled(world);
    expect(tabs.map(({ signedOut }) => signedOut)).toEqual([['elsewhere'], ['elsewhere'], ['user'], ['elsewhere']]);
    expect(tabs.every(({ session }) => session.snapshot().status === 'signed-out')).toBe(true);
    expect(world.sent.filter(({ url }) => url.endsWith('/sign-out')).length).toBe(1);
    expect(world.storage.record()?.unrevoked).toEqual([]);
    const again = await world.pass({ method: 'POST', url: `${api}/auth/refresh`, body: { refresh: refreshToken } });
    expect([again.status, again.body?.valueOf()]).toMatchObject([401, { error: 'invalid_grant' }]);
  });

  it('E11: are all signed out by a true invalid_grant, each told once', async () => {
    const world = openWorld();
    const tabs = await signedIn(world, 5);
    const { refreshToken } = world.storage.record()!.session!;
    await world.pass({ method: 'POST', url: `${api}/auth/sign-out`, body: { refresh: refreshToken } });
    await pass(world, 14 * minute);
    expect(tabs.map(({ signedOut }) => signedOut)).toEqual(tabs.map(() => ['refused']));
    expect(world.refreshes()).toBe(1);
  });

  it('show another person’s sign-in everywhere, and update nobody else’s profile', async () => {
    const world = openWorld();
    const [one, two] = await signedIn(world, 2);
    let answer = (): void => undefined;
    world.way = async (request, go) => {
      const reply = await go();
      if (request.method === 'PATCH') await new Promise<void>((resolve) => (answer = resolve));
      return reply;
    };
    const update = one!.session.updateUser({ profile: { colour: 'blue' } }).catch((error: unknown) => error);
    await until(() => world.sent.some(({ method }) => method === 'PATCH'));
    await settled(world);
    await two!.session.signUp({ username: 'grace', password: person.password });
    await settled(world);
    answer();
    expect(await update).toMatchObject({ code: 'ERR_SESSION_CHANGED' });
    await settled(world);
    expect([one, two].map((tab) => tab!.session.snapshot().user)).toMatchObject([
      { username: 'grace', profile: {} },
      { username: 'grace', profile: {} },
    ]);
    expect(JSON.stringify(world.storage.record())).not.toContain('blue');
  });
});

describe('when the network fails', () => {
  it('E8: a lost answer is asked for again and is the same successor', async () => {
    const world = openWorld();
    const [tab] = await signedIn(world, 1);
    const answers: unknown[] = [];
    world.way = async (_, go) => {
      const answer = await go();
      answers.push((answer.body as { refresh: string }).refresh);
      return answers.length === 1 ? { status: 0, failure: 'timeout' } : answer;
    };
    await pass(world, 14 * minute);
    expect(answers.length).toBe(2);
    expect(answers[0]).toBe(answers[1]);
    expect(world.storage.record()?.session).toMatchObject({ refreshToken: answers[0], generation: 1 });
    expect(tab!.signedOut).toEqual([]);
  });

  it('E6: every answer of an hour lost, and the page reloaded, nobody is out', async () => {
    const world = openWorld();
    await signedIn(world, 1);
    world.way = async (_, go) => {
      await go();
      return noNetwork;
    };
    await pass(world, 60 * minute);
    const reloaded = world.tab();
    reloaded.session.start();
    await settled(world);
    await expect(reloaded.session.accessToken()).rejects.toMatchObject({ code: 'ERR_NETWORK' });
    expect(reloaded.session.snapshot()).toMatchObject({ status: 'signed-in', online: false });
    world.way = (_, go) => go();
    await pass(world, 2 * minute);
    expect(await reloaded.session.accessToken()).toBeTruthy();
    expect(reloaded.session.snapshot()).toMatchObject({ status: 'signed-in', online: true });
  });

  it('E23: an answer handled long after it came does not make the token live longer', async () => {
    const world = openWorld();
    const [tab] = await signedIn(world, 1);
    const before = world.clock.now();
    world.way = async (_, go) => {
      const answer = await go();
      world.clock.step(10 * minute);
      return answer;
    };
    await pass(world, 12 * minute);
    world.way = (_, go) => go();
    expect(tab!.session.snapshot().expiresAt).toBe(before + 27 * minute);
  });

  it('E38: storage rolled back two generations is walked up from', async () => {
    const world = openWorld();
    const [tab] = await signedIn(world, 1);
    await refreshed(world, tab!);
    const old = world.storage.record();
    for (let i = 0; i < 2; i += 1) await refreshed(world, tab!);
    expect(world.storage.record()?.session?.generation).toBe(3);
    const newest = world.storage.record()?.session?.refreshToken;
    world.storage.put(old);
    await pass(world, 15 * minute);
    expect(world.storage.record()?.session).toMatchObject({ generation: 3, refreshToken: newest });
    expect(tab!.signedOut).toEqual([]);
  });

  it('a sign-out is told to the server when it is back, by whichever tab is open then', async () => {
    const world = openWorld();
    const [tab] = await signedIn(world, 1);
    world.way = () => Promise.resolve(noNetwork);
    await tab!.session.signOut();
    expect(tab!.signedOut).toEqual(['user']);
    world.way = (_, go) => go();
    world.tab().session.start();
    await settled(world);
    expect(world.storage.record()?.unrevoked).toEqual([]);
  });
});

describe('the app', () => {
  it('keeps the files of a session until that session is over: signed out, or another in its place', async () => {
    const world = openWorld();
    const [one, two] = await signedIn(world, 2);
    await one!.session.objectUrl(`${api}/picture`);
    await refreshed(world, one!);
    expect(one!.revoked).toEqual([]);
    await two!.session.signUp({ username: 'grace', password: person.password });
    await settled(world);
    expect(one!.revoked).toEqual(['blob:1']);

    await one!.session.objectUrl(`${api}/picture`);
    await two!.session.signOut();
    await settled(world);
    expect(one!.revoked).toEqual(['blob:1', 'blob:1']);
  });

  it('E32: may call the session from its listeners: no deadlock, no call lost', async () => {
    const world = openWorld();
    const heard: unknown[] = [];
    const [tab] = await signedIn(world, 1);
    const { session } = tab!;
    const stop = session.subscribe(({ status }) => {
      if (status !== 'signed-in') return;
      stop();
      void session.accessToken().then((token) => heard.push(typeof token));
      void session.signOut().then(() => heard.push('out'));
    });
    await refreshed(world, tab!);
    await settled(world);
    expect(heard).toEqual(['string', 'out']);
    expect(tab!.signedOut).toEqual(['user']);
  });

  it('may call it from onSignedOut too, and finds itself signed out', async () => {
    const world = openWorld();
    const seen: unknown[] = [];
    const tab = world.tab({
      onSignedOut: (reason) => {
        seen.push(reason, tab.session.snapshot().status);
        void tab.session.signOut();
        tab.session.accessToken().catch((error: unknown) => seen.push((error as { code: string }).code));
      },
    });
    tab.session.start();
    await tab.session.signUp(person);
    await tab.session.signOut();
    await settled(world);
    expect(seen).toEqual(['user', 'signed-out', 'ERR_SIGNED_OUT']);
  });

  it('E33: starts it twice and stops it once: one session’s worth of refreshes, until the last stop', async () => {
    const world = openWorld();
    const tab = world.tab();
    const stops = [tab.session.start(), tab.session.start()];
    await tab.session.signUp(person);
    await pass(world, 14 * minute);
    expect(world.refreshes()).toBe(1);
    stops[0]!();
    stops[0]!();
    await pass(world, 14 * minute);
    expect(world.refreshes()).toBe(2);
    stops[1]!();
    await pass(world, 60 * minute);
    expect(world.refreshes()).toBe(2);
  });

  it('stops it in mid-refresh: the answer is kept, and nothing follows by itself', async () => {
    const world = openWorld();
    const tab = world.tab();
    const stop = tab.session.start();
    await tab.session.signUp(person);
    await world.clock.advance(2000);
    const refresh = tab.session.refresh();
    stop();
    await refresh;
    expect(world.storage.record()?.session?.generation).toBe(1);
    await pass(world, 60 * minute);
    expect(world.refreshes()).toBe(1);
  });

  it('changes a password with an expired token at hand: renewed before the lock is taken', async () => {
    const world = openWorld();
    const [tab] = await signedIn(world, 1);
    world.way = () => Promise.resolve(noNetwork);
    await pass(world, 16 * minute);
    world.way = (_, go) => go();
    const changed = tab!.session.changePassword({ current: person.password, next: 'another passphrase' });
    const ended = changed.then(
      () => 'changed',
      (error: unknown) => error,
    );
    for (let i = 0; i < 10; i += 1) await world.clock.advance(1000).then(() => settled(world));
    expect(await ended).toBe('changed');
    await refreshed(world, tab!);
    expect(tab!.signedOut).toEqual([]);
  });

  it('asks for another page of nothing: no refresh token is ever in a snapshot or the timeline', async () => {
    const world = openWorld();
    const [tab] = await signedIn(world, 1);
    await refreshed(world, tab!);
    const shown = JSON.stringify([tab!.session.snapshot(), tab!.session.explain()]);
    expect(shown).not.toContain('lk1_');
    expect(shown).not.toContain(await tab!.session.accessToken());
  });

  it('says in an error of a sign-in which address it asked, for that is what is often wrong', async () => {
    const world = openWorld();
    const tab = world.tab();
    world.way = () => Promise.resolve({ status: 404, body: undefined, header: () => undefined });
    await expect(tab.session.signIn(person)).rejects.toMatchObject({
      code: 'ERR_SERVER',
      message: 'The server answered 404. (POST https://auth.test/auth/sign-in)',
    });
  });

  it('keeps the files of who signs in again, as to confirm a password, and none of another person’s', async () => {
    const world = openWorld();
    const [tab] = await signedIn(world, 1);
    await tab!.session.objectUrl(`${api}/picture`);
    await tab!.session.signIn(person);
    expect(tab!.revoked).toEqual([]);
    await tab!.session.signUp({ username: 'bob', password: 'another passphrase' });
    expect(tab!.revoked).toEqual(['blob:1']);
  });

  it('is not asked for the user after each refresh, which brings it', async () => {
    const world = openWorld();
    await signedIn(world, 1);
    await pass(world, 14 * minute);
    expect(world.sent.filter(({ url }) => url.endsWith('/me'))).toEqual([]);
  });
});

it('E34: is imported, made and read on a server without touching a global, and shares nothing', async () => {
  const before = Object.keys(globalThis).sort();
  const { createSession } = await import('./index.js');
  const [one, two] = [createSession({ api: '/api' }), createSession({ api: '/api' })];
  const stop = one.start();
  expect(one.snapshot()).toMatchObject({ status: 'restoring', user: undefined });
  await until(() => one.snapshot().status === 'signed-out');
  expect(two.snapshot().status).toBe('restoring');
  await expect(one.accessToken()).rejects.toMatchObject({ code: 'ERR_SIGNED_OUT' });
  stop();
  expect(Object.keys(globalThis).sort()).toEqual(before);
});
