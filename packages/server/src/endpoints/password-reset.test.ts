import { decodeAccessToken } from '@latchkey/protocol';
import { describe, expect, it } from 'vitest';
import { StoreUnavailableError } from '../errors.js';
import type { Store } from '../ports.js';
import { memoryStore } from '../testing/index.js';
import { keyOf, serve, testPassword } from '../testing/open-test-server.fixture.js';
import { type MailingServer, address, pages, serveWithMail, tokenOf } from '../testing/account-mail.fixture.js';

const next = 'another passphrase for tests';
const reset = (server: MailingServer, token: string, changes: object = {}) =>
  server.post('/password/reset', { token, next, ...changes });
const statusOfSignIn = async (server: MailingServer, password: string) =>
  (await server.post('/sign-in', { username: address, password })).status;
const refusal = { status: 400, body: { error: 'invalid_one_time_token' } };
/** Sign-up mails nothing then. */
const resetOnly = { resetLink: pages.resetLink };

describe('POST /auth/password/forgot', () => {
  it('mails a link to the address of the account, with the token in the fragment', async () => {
    const server = await serveWithMail({}, resetOnly);
    await server.signUp(address);
    const token = await server.askForReset();
    const [mail] = await server.mails();
    expect(mail).toEqual({
      to: address,
      kind: 'reset_password',
      subject: 'Choose a new password for app.example.com',
      link: `${pages.resetLink}#token=${token}`,
      text: expect.stringContaining(`\n\n${pages.resetLink}#token=${token}\n\n`) as string,
    });
    expect(mail?.text).toContain('30 minutes');
    expect(mail?.text).toContain('If it was not you');
  });

  it('goes to the stored address, however the name was typed', async () => {
    const server = await serveWithMail({}, resetOnly);
    await server.signUp('mike@example.com');
    // Another spelling may be another mailbox, and is another account.
    expect((await server.post('/password/forgot', { username: 'mıke@example.com' })).status).toBe(202);
    await server.askForReset(' MIKE@Example.com\u200B');
    expect((await server.mails()).map(({ to }) => to)).toEqual(['mike@example.com']);
  });

  it.each([
    ['nobody has that name', 'nobody@example.com', {}],
    ['the account has no address', 'ada', {}],
    ['the hook gives what is no single address', address, { emailOf: () => 'ada@a.example, eve@b.example' }],
    ['the hook gives what has a line end', address, { emailOf: () => 'ada@a.example\r\nBcc: eve@b.example' }],
    ['the hook gives nothing', address, { emailOf: () => undefined }],
    [
      'the hook for addresses throws',
      address,
      {
        emailOf: () => {
          throw new Error('secret');
        },
      },
    ],
    ['the hook for mail rejects', address, { sendMail: () => Promise.reject(new Error('secret')) }],
    [
      'the hook for mail throws',
      address,
      {
        sendMail: () => {
          throw new Error('secret');
        },
      },
    ],
  ])('answers as always when %s, and sends nothing', async (_title, username, options) => {
    const server = await serveWithMail(options, resetOnly);
    await server.signUp(address);
    await server.signUp('ada');
    await server.signUp('eve@example.com');
    const known = await server.post('/password/forgot', { username: 'eve@example.com' });
    const before = (await server.mails()).length;
    const other = await server.post('/password/forgot', { username });
    const shown = ({ status, text, headers }: typeof other) => ({ status, text, names: [...headers.keys()] });
    expect(shown(other)).toEqual(shown(known));
    expect(other.status).toBe(202);
    expect(await server.mails()).toHaveLength(before);
    expect(server.log.join()).not.toContain('secret');
  });

  it('asks the store the same before each answer, and looks for the account only after it', async () => {
    const { users, throttle, ...rest } = memoryStore();
    const order: string[] = [];
    const store: Store = {
      ...rest,
      users: { ...users, findByName: (name) => (order.push('look-up'), users.findByName(name)) },
      throttle: { ...throttle, count: (...all) => (order.push('count'), throttle.count(...all)) },
    };
    const server = await serveWithMail({ store }, resetOnly);
    await server.signUp(address);
    for (const username of [address, 'nobody@example.com']) {
      order.length = 0;
      const request = new Request('http://127.0.0.1/auth/password/forgot', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ username }),
      });
      await server.auth.fetch(request, {});
      order.push('answer');
      await server.auth.stop();
      expect(order, username).toEqual(['count', 'answer', 'look-up']);
    }
  });

  it('sends five mails to an account in half an hour, and tells nobody that it sends no more', async () => {
    const server = await serveWithMail({}, resetOnly);
    await server.signUp(address);
    const replies = [];
    for (let round = 0; round < 8; round += 1)
      replies.push(await server.post('/password/forgot', { username: address }));
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([202]));
    expect(await server.mails()).toHaveLength(5);
    expect((await reset(server, tokenOf((await server.mails())[4]))).status).toBe(204);
    expect(server.events.filter(({ type, reason }) => type === 'throttled' && reason === 'mail')).toHaveLength(3);
    server.clock.advance(1800);
    await server.askForReset();
  });

  it('counts by the address of the caller too, over all accounts, and no sign-in is throttled for it', async () => {
    const server = await serveWithMail({ throttle: { mailPerAddress: { atMost: 3, perSeconds: 60 } } }, resetOnly);
    await server.signUp(address);
    for (const name of ['a', 'b', 'c']) await server.post('/password/forgot', { username: `${name}@example.com` });
    expect((await server.post('/password/forgot', { username: address })).status).toBe(202);
    expect(await server.mails()).toEqual([]);
    expect(await statusOfSignIn(server, testPassword)).toBe(200);
  });

  it.each([
    ['a name that nobody can have', { username: 'ada@example.com\r\nBcc: eve@example.com' }, 'invalid_username'],
    ['a list of names', { username: [address] }, 'invalid_request'],
    ['no name', {}, 'invalid_request'],
  ])('refuses %s', async (_title, body, error) => {
    const server = await serveWithMail();
    expect(await server.post('/password/forgot', body)).toMatchObject({ status: 400, body: { error } });
    expect(await server.mails()).toEqual([]);
  });

  it('is a 404 that says why, where no mail is sent or passwords are kept elsewhere', async () => {
    const plain = await serve();
    const verifyOnly = await serveWithMail({}, { verifyLink: pages.verifyLink });
    const elsewhere = await serveWithMail({ authenticate: () => Promise.resolve(undefined) });
    for (const path of ['/password/forgot', '/password/reset']) {
      const [one, two, three] = [
        await plain.post(path, { username: address }),
        await verifyOnly.post(path, { username: address }),
        await elsewhere.post(path, { username: address }),
      ];
      expect([one.status, two.status, three.status]).toEqual([404, 404, 404]);
      expect(one.body['error_description']).toContain('sendMail and resetLink');
      expect(three.body['error_description']).toContain('elsewhere');
    }
  });

  it('is 503 when the store is out, for it could keep no promise', async () => {
    const store = memoryStore();
    const server = await serveWithMail({ store });
    store.setOutage(true);
    expect((await server.post('/password/forgot', { username: address })).status).toBe(503);
  });
});

describe('POST /auth/password/reset', () => {
  it('sets the password, ends every session, and marks the address verified', async () => {
    const server = await serveWithMail();
    const { access, refresh, user } = await server.signUp(address);
    const token = await server.askForReset();
    expect(await reset(server, token)).toMatchObject({ status: 204, text: '' });
    const bearer = { headers: { Authorization: `Bearer ${access}` } };
    expect((await server.send('/auth/me', bearer)).status).toBe(401);
    expect((await server.post('/refresh', { refresh }, { key: keyOf('owner') })).status).toBe(401);
    expect(await statusOfSignIn(server, testPassword)).toBe(401);
    const again = await server.post('/sign-in', { username: address, password: next });
    expect(decodeAccessToken(again.body.access)?.claims.epoch).toBe(1);
    expect(await server.store.users.find(user.id)).toMatchObject({
      epoch: 1,
      credentialVersion: 1,
      verifiedEmail: address,
    });
    expect(server.events.map(({ type }) => type)).toContain('password_reset');
  });

  it('tells the owner by mail, without a link', async () => {
    const server = await serveWithMail({}, resetOnly);
    await server.signUp(address);
    await reset(server, await server.askForReset());
    const mail = (await server.mails()).at(-1);
    expect(mail).toMatchObject({ to: address, kind: 'password_changed', link: undefined });
    expect(mail?.text).not.toContain('#token');
    expect(mail?.text).toMatch(/ask for a new password there\. That ends all sessions: .* until the access/);
  });

  it('tells the owner of a change too where nothing but addresses is verified, and offers no reset there', async () => {
    const server = await serveWithMail({}, { verifyLink: pages.verifyLink });
    const { refresh } = await server.signUp(address);
    await server.post('/password', { current: testPassword, next, refresh }, { key: keyOf('owner') });
    const mail = (await server.mails()).at(-1);
    expect(mail).toMatchObject({ to: address, kind: 'password_changed' });
    expect(mail?.text).toContain('tell whoever runs app.example.com');
    expect(mail?.text).not.toContain('ask for a new password');
  });

  it('that is made is told as an event and by mail, whatever becomes of the counters', async () => {
    const { throttle, ...rest } = memoryStore();
    const forgive = () => Promise.reject(new StoreUnavailableError('secret'));
    const server = await serveWithMail({ store: { ...rest, throttle: { ...throttle, forgive } } }, resetOnly);
    await server.signUp(address);
    expect((await reset(server, await server.askForReset())).status).toBe(204);
    expect((await server.mails()).at(-1)).toMatchObject({ kind: 'password_changed' });
    expect(server.events.map(({ type }) => type)).toContain('password_reset');
    expect(server.log.join()).toMatch(/"forgive_failed","request_id":"[^"]+","error":"StoreUnavailableError/);
    expect(server.log.join()).not.toContain('secret');
  });

  it('whose twin is made between its two reads is answered like its twin', async () => {
    const { users, ...rest } = memoryStore();
    let twin: (() => Promise<unknown>) | undefined;
    const find: Store['users']['find'] = async (id) => {
      const goFirst = twin;
      twin = undefined;
      await goFirst?.();
      return users.find(id);
    };
    const server = await serveWithMail({ store: { ...rest, users: { ...users, find } } }, resetOnly);
    await server.signUp(address);
    const token = await server.askForReset();
    const statuses: number[] = [];
    twin = async () => statuses.push((await reset(server, token)).status);
    statuses.push((await reset(server, token)).status);
    expect(statuses).toEqual([204, 204]);
    expect(server.events.filter(({ type }) => type === 'password_reset')).toHaveLength(1);
  });

  it('tells the address that was verified, whatever another hand has put in its place', async () => {
    let email = address;
    const server = await serveWithMail({ emailOf: () => email });
    const { refresh } = await server.signUp('ada');
    await server.post('/verify', { token: tokenOf((await server.mails())[0]) });
    email = 'eve@example.com';
    await server.post('/password', { current: testPassword, next, refresh }, { key: keyOf('owner') });
    expect((await server.mails()).at(-1)).toMatchObject({ to: address, kind: 'password_changed' });
  });

  it('after a change with the current password the owner is told too, and links sent before are void', async () => {
    const server = await serveWithMail({}, resetOnly);
    const { refresh } = await server.signUp(address);
    const token = await server.askForReset();
    const body = { current: testPassword, next, refresh };
    expect((await server.post('/password', body, { key: keyOf('owner') })).status).toBe(200);
    expect((await server.mails()).at(-1)).toMatchObject({ to: address, kind: 'password_changed' });
    expect(await reset(server, token, { next: 'a third passphrase' })).toMatchObject(refusal);
    expect(await statusOfSignIn(server, next)).toBe(200);
  });

  it('sent again after a lost answer it answers the same and changes nothing, and with another password it is refused', async () => {
    const server = await serveWithMail();
    const { user } = await server.signUp(address);
    const token = await server.askForReset();
    expect([(await reset(server, token)).status, (await reset(server, token)).status]).toEqual([204, 204]);
    const { refresh } = (await server.post('/sign-in', { username: address, password: next })).body;
    expect(await reset(server, token, { next: 'a third passphrase' })).toMatchObject(refusal);
    expect((await reset(server, token)).status).toBe(204);
    expect(await server.store.users.find(user.id)).toMatchObject({ credentialVersion: 1 });
    expect((await server.post('/refresh', { refresh }, { key: keyOf('owner') })).status).toBe(200);
    server.clock.advance(1800);
    expect(await reset(server, token)).toMatchObject(refusal);
  });

  it('a used token is no way to guess at the password, and no repetition once the password has changed again', async () => {
    const server = await serveWithMail();
    await server.signUp(address);
    const token = await server.askForReset();
    await reset(server, token);
    const { refresh } = (await server.post('/sign-in', { username: address, password: next })).body;
    const statuses = [];
    for (let guess = 0; guess < 11; guess += 1) {
      statuses.push((await reset(server, token, { next: `a guess of mine ${String(guess)}` })).status);
    }
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 400), 429]);
    server.clock.advance(900);
    const body = { current: next, next: 'a third passphrase', refresh };
    expect((await server.post('/password', body, { key: keyOf('owner') })).status).toBe(200);
    expect(await reset(server, token, { next: 'a third passphrase' })).toMatchObject(refusal);
  });

  it('of twenty at once with as many passwords one is made, and exactly that one signs in', async () => {
    const server = await serveWithMail({ throttle: { perAccountAndAddress: { atMost: 1000, perSeconds: 60 } } });
    const { user } = await server.signUp(address);
    const token = await server.askForReset();
    const passwords = Array.from({ length: 20 }, (_, index) => `passphrase number ${String(index)}`);
    const replies = await Promise.all(passwords.map((password) => reset(server, token, { next: password })));
    const winners = passwords.filter((_, index) => replies[index]?.status === 204);
    expect(winners).toHaveLength(1);
    expect(await statusOfSignIn(server, winners[0] ?? '')).toBe(200);
    expect((await server.store.users.find(user.id))?.credentialVersion).toBe(1);
  });

  it('of ten at once with one password all are answered, and one is made', async () => {
    const server = await serveWithMail();
    const { user } = await server.signUp(address);
    const token = await server.askForReset();
    const replies = await Promise.all(Array.from({ length: 10 }, () => reset(server, token)));
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([204]));
    expect((await server.store.users.find(user.id))?.credentialVersion).toBe(1);
  });

  it('R7: a sign-in that had checked the old password before it makes no session after it', async () => {
    const memory = memoryStore();
    let meanwhile = () => Promise.resolve();
    const store: Store = {
      ...memory,
      sessions: { ...memory.sessions, create: async (...all) => (await meanwhile(), memory.sessions.create(...all)) },
    };
    const server = await serveWithMail({ store });
    const { user } = await server.signUp(address);
    const token = await server.askForReset();
    meanwhile = async () => {
      meanwhile = () => Promise.resolve();
      expect((await reset(server, token)).status).toBe(204);
    };
    expect(await statusOfSignIn(server, testPassword)).toBe(401);
    expect(await store.sessions.listByUser(user.id, 0 as never)).toEqual([]);
    expect(await statusOfSignIn(server, next)).toBe(200);
  });

  it('a password that is refused does not use the token up', async () => {
    const server = await serveWithMail();
    await server.signUp(address);
    const token = await server.askForReset();
    for (const weak of ['short', 'password123', address, 'x'.repeat(1025)]) {
      expect(await reset(server, token, { next: weak })).toMatchObject({
        status: 400,
        body: { error: 'invalid_password' },
      });
    }
    expect((await reset(server, token)).status).toBe(204);
  });

  it('whoever mistyped the old one until they were throttled signs in with the new one at once', async () => {
    const server = await serveWithMail();
    await server.signUp(address);
    for (let guess = 0; guess < 10; guess += 1) await statusOfSignIn(server, `forgotten ${String(guess)}`);
    expect(await statusOfSignIn(server, testPassword)).toBe(429);
    await reset(server, await server.askForReset());
    expect(await statusOfSignIn(server, next)).toBe(200);
  });

  it.each<[string, (server: MailingServer, token: string) => Promise<string> | string]>([
    ['made up', () => `lko1_${'A'.repeat(43)}`],
    ['malformed', (_, token) => token.slice(0, -1)],
    ['replaced by a newer one', async (server, token) => (await server.askForReset(), token)],
    ['expired', (server, token) => (server.clock.advance(1800), token)],
    [
      'for another purpose',
      async (server) => tokenOf((await server.mails()).find(({ kind }) => kind === 'verify_email')),
    ],
  ])('refuses a token that is %s, always in the same words', async (_title, change) => {
    const server = await serveWithMail();
    const { refresh } = await server.signUp(address);
    const token = await change(server, await server.askForReset());
    const reply = await reset(server, token);
    expect(reply).toMatchObject(refusal);
    expect(reply.body['error_description']).toBe(
      'This link does not work any more: it was used, a newer one was sent, or it has expired. Ask for a new one.',
    );
    expect(await statusOfSignIn(server, testPassword)).toBe(200);
    expect((await server.post('/refresh', { refresh }, { key: keyOf('owner') })).status).toBe(200);
  });

  it('takes a token to its last second', async () => {
    const server = await serveWithMail();
    await server.signUp(address);
    const token = await server.askForReset();
    server.clock.advance(1799);
    expect((await reset(server, token)).status).toBe(204);
  });

  it('makes a link to verify the address void that was out', async () => {
    const server = await serveWithMail();
    await server.signUp(address);
    const [mail] = await server.mails();
    await reset(server, await server.askForReset());
    expect(await server.post('/verify', { token: tokenOf(mail) })).toMatchObject(refusal);
  });

  it.each(['/password/forgot', '/password/reset', '/verify'])(
    '%s takes POST alone, and no token in the query',
    async (path) => {
      const server = await serveWithMail();
      const reply = await server.send(`/auth${path}`);
      expect([reply.status, reply.headers.get('allow')]).toEqual([405, 'POST, OPTIONS']);
      const token = `lko1_${'A'.repeat(43)}`;
      const inQuery = await server.send(`/auth${path}?x=${token}`, { method: 'POST' });
      expect(inQuery).toMatchObject({ status: 400, body: { error: 'secret_in_url' } });
      expect(server.log.join()).not.toContain(token);
    },
  );

  it('no token, password or address stands in the log or in an event', async () => {
    const server = await serveWithMail();
    await server.signUp(address);
    const verification = tokenOf((await server.mails())[0]);
    const token = await server.askForReset();
    await server.post('/verify', { token: verification });
    await reset(server, token, { next: 'short' });
    await reset(server, token);
    await reset(server, token, { next: 'a third passphrase' });
    const told = JSON.stringify([server.log, server.events]);
    for (const secret of [token, verification, token.slice(5), next, address]) expect(told).not.toContain(secret);
  });
});
