import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { throwawayPostgres, type ThrowawayPostgres } from '@latchkey/server/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Outcome, buildCommand, cleanUp, latchkey, makeFolder, post, serve } from './command.fixture.js';

let postgres: ThrowawayPostgres;
let cwd: string;
let url: string;
beforeAll(async () => {
  await buildCommand();
  postgres = await throwawayPostgres({ settings: { fsync: 'off' } });
}, 120_000);
beforeEach(async () => {
  cwd = makeFolder();
  url = await postgres.createDatabase();
});
afterEach(cleanUp);
afterAll(() => postgres.stop(), 60_000);

/** Runs a command on a store that is named in the environment; its output must hold no password. */
async function run(args: readonly string[], store = url): Promise<Outcome> {
  const outcome = await latchkey(args, { cwd, env: { LATCHKEY_STORE: store } });
  const { password } = new URL(store);
  expect(outcome.stdout + outcome.stderr).not.toContain(password);
  return outcome;
}

describe('with PostgreSQL', { timeout: 60_000 }, () => {
  it('three that migrate at once leave one clean result', async () => {
    const outcomes = await Promise.all([run(['migrate']), run(['migrate']), run(['migrate'])]);
    expect(outcomes.map(({ code, stderr }) => [code, stderr])).toEqual(outcomes.map(() => [0, '']));
    expect(outcomes.filter(({ stdout }) => stdout.includes('applied 0001'))).toHaveLength(1);
    const again = await run(['migrate']);
    const name = `postgres://latchkey@127.0.0.1:${String(postgres.port)}${new URL(url).pathname}`;
    expect(again.stdout).toBe(`${name} is up to date.\n`);
  });

  it('serves, and people signed in there are listed', async () => {
    const dev = await serve(['--dev'], { cwd, env: { LATCHKEY_STORE: url } });
    const { status } = await post(`${dev.url}/auth/sign-up`, { username: 'ada', password: 'a long passphrase' });
    expect(status).toBe(201);
    const { stderr } = await dev.stop();
    expect(stderr).toContain(`postgres://latchkey@127.0.0.1`);
    expect(stderr).not.toContain(new URL(url).password);
    const { stdout } = await run(['sessions', 'list', 'ada', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ ip: '127.0.0.1' });
  });

  it('takes the password from the environment alone, and from the command line never', async () => {
    const { password, host, pathname } = new URL(url);
    const store = `postgresql://latchkey@${host}${pathname}`;
    const apart = await latchkey(['migrate', '--store', store], { cwd, env: { PGPASSWORD: password } });
    expect([apart.code, apart.stderr]).toEqual([0, '']);
    for (const secret of [url, `${store}?password=${password}`]) {
      const { code, stderr, stdout } = await latchkey(['migrate', '--store', secret], { cwd });
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(/store has a password.*LATCHKEY_STORE.*PGPASSWORD/s);
      expect(stderr).not.toContain(password);
    }
  });

  it('init writes the address without a password, and the keys beside', async () => {
    const args = ['init', '--issuer', 'https://auth.example.com', '--store', 'postgres://latchkey@db/latchkey'];
    const { code, stdout } = await latchkey(args, { cwd });
    expect([code, stdout]).toEqual([0, expect.stringMatching(/data.keys\.json.*PGPASSWORD/s)]);
    const settings: unknown = JSON.parse(readFileSync(join(cwd, 'latchkey.config.json'), 'utf8'));
    expect(settings).toMatchObject({ store: 'postgres://latchkey@db/latchkey', keyFile: join('data', 'keys.json') });
  });

  it.each([
    ['a wrong password', () => url.replace(/:[^:@/]+@/, ':wrong-secret@'), 'The user or the password is wrong'],
    ['no such database', () => url.replace(/[^/]*$/, 'nowhere'), 'There is no such database. Make it with createdb'],
    ['nobody who listens', () => url.replace(/:\d+\//, ':1/'), 'Nobody listens there'],
    ['no migration yet', () => url, 'The database is empty. Run `latchkey migrate`. Or serve with --migrate.'],
  ])('says what to do about %s', async (_, store, message) => {
    const { code, stderr } = await run(['sessions', 'list', 'ada'], store());
    expect([code, stderr]).toEqual([3, expect.stringContaining(message)]);
    expect(stderr).toContain('postgres://latchkey@127.0.0.1:');
  });

  it('refuses the database of a newer version, and changes nothing', async () => {
    await run(['migrate']);
    await postgres.query("INSERT INTO latchkey_migrations VALUES ('0099-later')", url);
    for (const args of [['migrate'], ['sessions', 'list', 'ada']]) {
      const { code, stderr } = await run(args);
      expect([code, stderr]).toEqual([
        3,
        expect.stringMatching(/newer Latchkey: it has 0099-later. Start that version/),
      ]);
    }
  });

  it.each([
    'mysql://u:hidden@h/d',
    'postgres://u:12/hidden@h/d',
    'postgres://u:12/hidden/d',
    'postgres://u:12?hidden@h/d',
    'postgres://u:12#hidden@h/d',
  ])('shows nothing of a URL that is none: %s', async (store) => {
    const { code, stderr } = await latchkey(['migrate'], { cwd, env: { LATCHKEY_STORE: store } });
    expect([code, stderr]).toEqual([2, expect.stringContaining('store is not shown, since it may hold a password')]);
    expect(stderr).not.toContain('hidden');
  });

  it('shows nothing of a URL in an object of the settings file', async () => {
    writeFileSync(join(cwd, 'latchkey.config.json'), '{"store": {"url": "postgres://u:hidden@h/d"}}');
    const { code, stderr } = await latchkey(['migrate'], { cwd });
    expect([code, stderr]).toEqual([2, expect.stringContaining('store is not shown, since it may hold a password')]);
    expect(stderr).not.toContain('hidden');
  });
});
