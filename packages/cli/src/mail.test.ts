import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { buildCommand, cleanUp, latchkey, makeFolder, post, serve } from './command.fixture.js';
import { readSmtpUrl } from './settings/smtp-url.js';
import { type SmtpBehaviour, type SmtpFixture, openSmtpServer } from './smtp-server.fixture.js';

let cwd: string;

beforeAll(buildCommand, 120_000);
beforeEach(() => {
  cwd = makeFolder();
});
afterAll(cleanUp);

const credentials = { username: 'zoe@example.com', password: 'violet harbour 71' };
const next = 'amber lighthouse 52';
const tokenIn = (text: string | undefined): string => /#token=(lko1_[\w-]{43})\s/.exec(text ?? '')?.[1] ?? 'none';

async function openSmtp(behaviour?: SmtpBehaviour): Promise<SmtpFixture> {
  const smtp = await openSmtpServer(behaviour);
  onTestFinished(() => smtp.close());
  return smtp;
}

const bySmtp = (smtp: SmtpFixture, login = '') => ({
  LATCHKEY_SMTP_URL: `smtp://${login}127.0.0.1:${String(smtp.port)}`,
  LATCHKEY_MAIL_FROM: 'Example <no-reply@example.com>',
});

describe('mail by SMTP', { timeout: 30_000 }, () => {
  it('brings a link by which a forgotten password is replaced, and says afterwards that it was', async () => {
    const smtp = await openSmtp();
    const args = ['--dev', '--reset-link', 'https://app.example.com/new-password'];
    const server = await serve(args, { cwd, env: bySmtp(smtp) });
    await post(`${server.url}/auth/sign-up`, credentials);
    await expect.poll(() => smtp.mails.length).toBe(1);
    expect((await post(`${server.url}/auth/password/forgot`, { username: credentials.username })).status).toBe(202);
    await expect.poll(() => smtp.mails.length).toBe(2);
    const [, mail] = smtp.mails;
    expect(mail).toMatchObject({ from: 'no-reply@example.com', to: ['zoe@example.com'] });
    expect(mail?.headers).toMatchObject({
      from: 'Example <no-reply@example.com>',
      to: 'zoe@example.com',
      subject: 'Choose a new password for app.example.com',
      'auto-submitted': 'auto-generated',
    });
    expect(mail?.headers['content-type']).toMatch(/^text\/plain; charset=utf-8/);
    expect(mail?.body).toContain('\n\nhttps://app.example.com/new-password#token=lko1_');
    const token = tokenIn(mail?.body);
    expect((await post(`${server.url}/auth/password/reset`, { token, next })).status).toBe(204);
    await expect.poll(() => smtp.mails[2]?.headers['subject']).toBe('Your password for app.example.com was changed');
    expect((await post(`${server.url}/auth/sign-in`, { ...credentials, password: next })).status).toBe(200);
    const { code, stderr } = await server.stop();
    expect(code).toBe(0);
    expect(stderr).toContain('password_reset');
    expect(stderr).not.toContain(token);
    expect(existsSync(join(cwd, '.latchkey/mail.txt'))).toBe(false);
  });

  it('signs in at the mail server, with what the URL has encoded', async () => {
    const smtp = await openSmtp({ offersAuth: true });
    const server = await serve(['--dev'], { cwd, env: bySmtp(smtp, 'zoe%40example.com:s3%3Acr%2Fet@') });
    await post(`${server.url}/auth/sign-up`, credentials);
    await expect.poll(() => smtp.mails.length).toBe(1);
    expect(smtp.logins).toEqual(['zoe@example.com:s3:cr/et']);
    const { stderr } = await server.stop();
    expect(stderr).not.toContain('s3:cr/et');
  });

  it('that the mail server refuses is logged, without the address, and answered as ever', async () => {
    const smtp = await openSmtp({ recipientReply: '550 no zoe@example.com here' });
    const server = await serve(['--dev', '--log-format', 'json'], { cwd, env: bySmtp(smtp) });
    expect((await post(`${server.url}/auth/sign-up`, credentials)).status).toBe(201);
    expect((await post(`${server.url}/auth/password/forgot`, { username: credentials.username })).status).toBe(202);
    const { code, stderr } = await server.stop();
    expect(code).toBe(0);
    const failures = stderr.split('\n').filter((line) => line.includes('"mail_failed"'));
    expect(failures.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { reason: 'verify_email', error: 'Error EENVELOPE' },
      { reason: 'reset_password', error: 'Error EENVELOPE' },
    ]);
    expect(stderr).not.toContain('zoe@');
  });

  it('that is under way when the server is stopped still leaves', async () => {
    const smtp = await openSmtp();
    const server = await serve(['--dev'], { cwd, env: bySmtp(smtp) });
    await post(`${server.url}/auth/sign-up`, credentials);
    expect((await server.stop()).code).toBe(0);
    expect(smtp.mails).toHaveLength(1);
  });

  it('goes without TLS to this machine alone', async () => {
    const smtp = await openSmtp();
    const to = (host: string) => ({ ...bySmtp(smtp), LATCHKEY_SMTP_URL: `smtp://${host}:${String(smtp.port)}` });
    // Any name that is not known to be this machine, and yet is.
    const server = await serve(['--dev', '--log-format', 'json'], { cwd, env: to('0.0.0.0') });
    await post(`${server.url}/auth/sign-up`, credentials);
    const { stderr } = await server.stop();
    expect(smtp.mails).toEqual([]);
    expect(smtp.commands).toContain('STARTTLS');
    expect(stderr).toContain('Error ETLS');
    const open = await serve(['--dev', '--allow-http'], { cwd, env: to('0.0.0.0') });
    await post(`${open.url}/auth/password/forgot`, { username: credentials.username });
    await open.stop();
    expect(smtp.mails).toHaveLength(1);
  });
});

describe('mail in development', { timeout: 30_000 }, () => {
  it('stands in a file for this account alone, whose place is logged', async () => {
    const server = await serve(['--dev'], { cwd });
    await post(`${server.url}/auth/sign-up`, credentials);
    const { stderr } = await server.stop();
    const file = join(cwd, '.latchkey/mail.txt');
    expect((statSync(file).mode & 0o777).toString(8)).toBe('600');
    expect(stderr).toContain(`mail written to ${file}`);
    const text = readFileSync(file, 'utf8');
    expect(text).toContain('To: zoe@example.com\nSubject: Confirm your e-mail address for localhost:4200\n\n');
    expect(stderr).not.toContain(tokenIn(text));
    const again = await serve(['--dev'], { cwd });
    expect((await post(`${again.url}/auth/verify`, { token: tokenIn(text) })).status).toBe(204);
    await again.stop();
  });

  it('is not sent with a store in memory, and the endpoints say so', async () => {
    const server = await serve(['--dev', '--store', 'sqlite::memory:'], { cwd });
    const { status, body } = await post(`${server.url}/auth/password/forgot`, { username: credentials.username });
    await server.stop();
    expect([status, body['error_description']]).toEqual([404, expect.stringContaining('sendMail')]);
    expect(existsSync(join(cwd, '.latchkey'))).toBe(false);
  });
});

describe('settings for mail', { timeout: 30_000 }, () => {
  const sound = ['--issuer', 'https://auth.example.com', '--store', 'sqlite:a.db'];
  const smtpUrl = { LATCHKEY_SMTP_URL: 'smtps://me:s3cr3t@mail.example.com' };
  const from = ['--mail-from', 'no-reply@example.com'];
  const link = ['--reset-link', 'https://app.example.com/x'];
  it.each<[string, string[], Record<string, string>, string[]]>([
    ['a mail server without a sender', link, smtpUrl, ['mailFrom is missing', '--mail-from']],
    ['a mail server without a page', from, smtpUrl, ['resetLink and verifyLink are missing', '--reset-link']],
    ['a page without a mail server', link, {}, ['resetLink: of no use', 'LATCHKEY_SMTP_URL']],
    ['a sender without a mail server', from, {}, ['mailFrom: of no use']],
    ['two senders', ['--mail-from', 'a@a.example, b@b.example'], smtpUrl, ['mailFrom is "a@a.example, b@b.example"']],
    ['a sender with a header', ['--mail-from', 'a@a.example\nBcc: b@b.example'], smtpUrl, ['mailFrom is']],
    [
      'a page over plain http',
      [...from, '--verify-link', 'http://app.example.com/x'],
      smtpUrl,
      ['verifyLink is "http://app.example.com/x"', 'https'],
    ],
    [
      'a page with a query',
      [...from, '--reset-link', 'https://app.example.com/?page=x'],
      smtpUrl,
      ['resetLink is "https://app.example.com/?page=x"', 'without query'],
    ],
    [
      'a password among the arguments',
      [...from, ...link, '--smtp-url', 'smtps://me:s3cr3t@mail.example.com'],
      {},
      ['smtpUrl has a password', 'LATCHKEY_SMTP_URL'],
    ],
    [
      'a mail server that is none, without showing it',
      [...from, ...link],
      { LATCHKEY_SMTP_URL: 'smtp//me:s3cr3t@mail' },
      ['smtpUrl is not shown', '(from LATCHKEY_SMTP_URL)', 'smtps://USER:PASSWORD@HOST:PORT'],
    ],
  ])('refuse %s', async (_title, ...[args, env, said]) => {
    const { code, stderr, stdout } = await latchkey(['serve', '--port', '0', ...sound, ...args], { cwd, env });
    expect([code, stdout]).toEqual([2, '']);
    for (const part of said) expect(stderr).toContain(part);
    expect(stderr).not.toContain('s3cr3t');
    expect(existsSync(join(cwd, 'a.db'))).toBe(false);
  });

  it('take a mail server with a password from the file', async () => {
    await latchkey(['init', '--issuer', 'https://auth.example.com'], { cwd });
    const file = join(cwd, 'latchkey.config.json');
    const settings = JSON.parse(readFileSync(file, 'utf8')) as object;
    const mail = { smtpUrl: 'smtps://me:s3cr3t@mail.example.com', mailFrom: 'no-reply@example.com' };
    writeFileSync(file, JSON.stringify({ ...settings, ...mail, resetLink: 'https://app.example.com/x' }));
    const server = await serve(['--migrate'], { cwd });
    const { stderr } = await server.stop();
    expect(stderr).not.toContain('s3cr3t');
  });
});

describe('readSmtpUrl', () => {
  const none = { auth: undefined };
  it.each([
    ['smtp://mail.example.com', { host: 'mail.example.com', port: 587, secure: false, ...none }],
    ['smtps://mail.example.com/', { host: 'mail.example.com', port: 465, secure: true, ...none }],
    ['smtp://[::1]:25', { host: '::1', port: 25, secure: false, ...none }],
    ['smtp://a:b%40c@m:1025', { host: 'm', port: 1025, secure: false, auth: { user: 'a', pass: 'b@c' } }],
  ])('reads %s', (text, expected) => {
    expect(readSmtpUrl(text)).toEqual(expected);
  });

  it.each([
    'mail.example.com',
    'http://mail.example.com',
    'smtp://',
    'smtp://user@mail.example.com',
    'smtp://:pass@mail.example.com',
    'smtp://mail.example.com/path',
    'smtp://mail.example.com?tls.rejectUnauthorized=false',
    'smtp://a:%zz@mail.example.com',
  ])('refuses %s', (text) => {
    expect(readSmtpUrl(text)).toBeUndefined();
  });
});
