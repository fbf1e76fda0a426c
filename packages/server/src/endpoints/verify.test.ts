import { describe, expect, it } from 'vitest';
import type { Store } from '../ports.js';
import { memoryStore } from '../testing/index.js';
import { keyOf, serve } from '../testing/open-test-server.fixture.js';
import { address, pages, serveWithMail, tokenOf } from '../testing/account-mail.fixture.js';

const bearer = (access: string) => ({ Authorization: `Bearer ${access}` });
const refusal = { status: 400, body: { error: 'invalid_one_time_token' } };

describe('POST /auth/verify', () => {
  it('sign-up mails a link, and its token marks the address verified, also when sent twice', async () => {
    const server = await serveWithMail();
    const { access, user } = await server.signUp(address);
    const [mail] = await server.mails();
    expect(mail).toMatchObject({ to: address, kind: 'verify_email' });
    expect(mail?.link).toMatch(new RegExp(`^${pages.verifyLink}#token=`));
    expect(mail?.text).toContain('24 hours');
    const me = async () => (await server.send('/auth/me', { headers: bearer(access) })).body;
    expect(await me()).toEqual({ ...user, email: address, email_verified: false });
    const token = tokenOf(mail);
    expect(await server.post('/verify', { token })).toMatchObject({ status: 204, text: '' });
    expect((await server.post('/verify', { token })).status).toBe(204);
    expect(await me()).toEqual({ ...user, email: address, email_verified: true });
    expect(server.events.filter(({ type }) => type === 'email_verified')).toHaveLength(1);
  });

  it('ends no session, and its token opens none', async () => {
    const server = await serveWithMail();
    const { refresh } = await server.signUp(address);
    const token = tokenOf((await server.mails())[0]);
    await server.post('/verify', { token });
    expect((await server.post('/refresh', { refresh }, { key: keyOf('owner') })).status).toBe(200);
    expect((await server.post('/refresh', { refresh: token }, { key: keyOf('owner') })).status).toBe(401);
    expect((await server.send('/auth/me', { headers: bearer(token) })).status).toBe(401);
  });

  it('mails a new link to who is signed in, and the one before is void', async () => {
    const server = await serveWithMail();
    const { access } = await server.signUp(address);
    const first = tokenOf((await server.mails())[0]);
    expect(await server.post('/verify', {}, { headers: bearer(access) })).toMatchObject({ status: 202, text: '' });
    const second = tokenOf((await server.mails())[1]);
    expect(await server.post('/verify', { token: first })).toMatchObject(refusal);
    expect((await server.post('/verify', { token: second })).status).toBe(204);
    expect((await server.post('/verify', {}, { headers: bearer(access) })).status).toBe(202);
    expect(await server.mails()).toHaveLength(2);
    expect(server.events.at(-1)).toMatchObject({ type: 'email_verification_requested', reason: 'verified_already' });
  });

  it('a change of the password in between does not make it void, but 24 hours do', async () => {
    const server = await serveWithMail();
    const { refresh } = await server.signUp(address);
    const token = tokenOf((await server.mails())[0]);
    const body = { current: 'a passphrase for tests', next: 'another passphrase', refresh };
    expect((await server.post('/password', body, { key: keyOf('owner') })).status).toBe(200);
    server.clock.advance(86_399);
    expect((await server.post('/verify', { token })).status).toBe(204);
    await server.signUp('eve@example.com');
    const late = tokenOf((await server.mails()).at(-1));
    server.clock.advance(86_400);
    expect(await server.post('/verify', { token: late })).toMatchObject(refusal);
  });

  it('knows the address from the hook, and another address of the same person is not verified', async () => {
    let email = address;
    const server = await serveWithMail({
      emailOf: ({ username }) => Promise.resolve(username === 'ada' ? email : undefined),
    });
    const { access } = await server.signUp('ada');
    await server.post('/verify', { token: tokenOf((await server.mails())[0]) });
    const me = async () => (await server.send('/auth/me', { headers: bearer(access) })).body;
    expect(await me()).toMatchObject({ email: address, email_verified: true });
    email = 'lovelace@example.com';
    expect(await me()).toMatchObject({ email, email_verified: false });
    const eve = await server.signUp('eve');
    expect(await server.mails()).toHaveLength(1);
    expect((await server.send('/auth/me', { headers: bearer(eve.access) })).body).toEqual(eve.user);
  });

  it('a link that is replaced while it is being followed confirms nothing, and says so', async () => {
    const { oneTimeTokens, ...rest } = memoryStore();
    const store: Store = {
      ...rest,
      oneTimeTokens: {
        ...oneTimeTokens,
        async find(...at) {
          const found = await oneTimeTokens.find(...at);
          if (found) await oneTimeTokens.issue({ ...found, tokenHash: 'that of a newer one' }, at[2]);
          return found;
        },
      },
    };
    const server = await serveWithMail({ store });
    const { user } = await server.signUp(address);
    expect(await server.post('/verify', { token: tokenOf((await server.mails())[0]) })).toMatchObject(refusal);
    expect((await store.users.find(user.id))?.verifiedEmail).toBeNull();
  });

  it('asks for an access token where no other token came, and takes none that is not good', async () => {
    const server = await serveWithMail();
    const { access, refresh } = await server.signUp(address);
    expect(await server.post('/verify', {})).toMatchObject({ status: 401, body: { error: 'unauthorized' } });
    await server.post('/sign-out', { refresh });
    const late = await server.post('/verify', {}, { headers: bearer(access) });
    expect(late).toMatchObject({ status: 401, body: { error: 'invalid_token' } });
    expect((await server.post('/verify', { token: 5 })).status).toBe(400);
    expect(await server.mails()).toHaveLength(1);
  });

  it('sends five mails in half an hour, and answers the same to more wishes', async () => {
    const server = await serveWithMail();
    const { access } = await server.signUp(address);
    const ask = async () => (await server.post('/verify', {}, { headers: bearer(access) })).status;
    for (let round = 0; round < 8; round += 1) expect(await ask()).toBe(202);
    expect(await server.mails()).toHaveLength(1 + 5);
  });

  it('is a 404 that says what to set where no mail is sent, and sign-up goes on without', async () => {
    const plain = await serve();
    const reply = await plain.post('/verify', { token: 'x' });
    expect(reply).toMatchObject({ status: 404, body: { error: 'not_found' } });
    expect(reply.body['error_description']).toContain('sendMail and verifyLink');
    const resetOnly = await serveWithMail({}, { resetLink: pages.resetLink });
    await resetOnly.signUp(address);
    expect(await resetOnly.mails()).toEqual([]);
  });

  it('a hook that hangs or throws keeps no sign-up waiting, and the failure is logged', async () => {
    let release: () => void = () => undefined;
    const hanging = new Promise<void>((resolve) => (release = resolve));
    const server = await serveWithMail({ sendMail: () => hanging.then(() => Promise.reject(new TypeError('secret'))) });
    await server.signUp(address);
    expect(server.log.join()).not.toContain('mail_failed');
    release();
    await server.mails();
    const line = server.log.find((text) => text.includes('mail_failed'));
    expect(JSON.parse(line ?? '{}')).toMatchObject({
      event: 'mail_failed',
      reason: 'verify_email',
      error: 'TypeError',
    });
    expect(server.log.join()).not.toContain('secret');
  });
});
