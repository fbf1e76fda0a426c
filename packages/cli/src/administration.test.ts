import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Outcome, buildCommand, latchkey, makeFolder, post, serve, cleanUp } from './command.fixture.js';

let cwd: string;

beforeAll(buildCommand, 120_000);
beforeEach(() => {
  cwd = makeFolder();
});
afterAll(cleanUp);

const password = 'violet harbour 71';
const run = (...args: string[]): Promise<Outcome> => latchkey(args, { cwd });
const addUser = (name: string, input: string): Promise<Outcome> => latchkey(['users', 'add', name], { cwd, input });

/** A folder with settings for loopback, keys and a database. */
async function setUp(): Promise<void> {
  expect((await run('init', '--issuer', 'http://127.0.0.1')).code).toBe(0);
  expect((await run('migrate')).code).toBe(0);
}

describe('latchkey init', { timeout: 30_000 }, () => {
  it('writes settings that serve takes, and keys for this account alone', async () => {
    const args = ['--issuer', 'https://auth.example.com', '--allow-origin', 'https://a.example', 'https://b.example'];
    const { code, stdout } = await run('init', ...args, '--preset', 'bank');
    expect(code).toBe(0);
    expect(stdout).toContain('latchkey migrate');
    const settings: unknown = JSON.parse(readFileSync(join(cwd, 'latchkey.config.json'), 'utf8'));
    expect(settings).toEqual({
      issuer: 'https://auth.example.com',
      store: 'sqlite:data/latchkey.db',
      keyFile: 'data/keys.json',
      preset: 'bank',
      allowOrigins: ['https://a.example', 'https://b.example'],
    });
    expect((statSync(join(cwd, 'data/keys.json')).mode & 0o777).toString(8)).toBe('600');
    expect(readFileSync(join(cwd, 'data/.gitignore'), 'utf8')).toBe('*\n');
    const server = await serve(['--migrate'], { cwd });
    expect((await fetch(`${server.url}/.well-known/jwks.json`)).status).toBe(200);
    await server.stop();
  });

  it('changes nothing that is there', async () => {
    await run('init', '--issuer', 'https://auth.example.com');
    const keys = readFileSync(join(cwd, 'data/keys.json'), 'utf8');
    const again = await run('init', '--issuer', 'https://other.example.com');
    expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('is there already')]);
    const elsewhere = await run('init', '--issuer', 'https://other.example.com', '--config', 'other.json');
    expect([elsewhere.code, elsewhere.stderr]).toEqual([2, expect.stringContaining('keys.json is there already')]);
    expect(readFileSync(join(cwd, 'data/keys.json'), 'utf8')).toBe(keys);
  });

  it('refuses what serve would refuse', async () => {
    for (const args of [
      [],
      ['--issuer', 'http://auth.example.com'],
      ['--issuer', 'https://a.example', '--allow-origin', '*'],
    ]) {
      expect((await run('init', ...args)).code).toBe(2);
    }
  });
});

describe('latchkey migrate', { timeout: 30_000 }, () => {
  it('can be run again, and by several at once', async () => {
    const args = ['migrate', '--store', 'sqlite:a.db'];
    const outcomes = await Promise.all([run(...args), run(...args), run(...args)]);
    expect(outcomes.map(({ code, stderr }) => [code, stderr])).toEqual(outcomes.map(() => [0, '']));
    expect(outcomes.filter(({ stdout }) => stdout.includes('applied'))).toHaveLength(1);
    expect((await run(...args)).stdout).toContain('is up to date');
  });

  it('asks for a store', async () => {
    const { code, stderr } = await run('migrate');
    expect([code, stderr]).toEqual([2, expect.stringContaining('store is missing')]);
  });
});

describe('latchkey users add', { timeout: 30_000 }, () => {
  it('adds a user who can sign in, with the password from standard input', async () => {
    await setUp();
    const added = await addUser(' Zoë ', `${password}\n`);
    expect([added.code, JSON.parse(added.stdout)]).toEqual([0, { id: expect.any(String), username: 'zoë' }]);
    const server = await serve([], { cwd });
    const { status } = await post(`${server.url}/auth/sign-in`, { username: 'ZOË', password });
    await server.stop();
    expect(status).toBe(200);
  });

  it('keeps the rules of sign-up', async () => {
    await setUp();
    for (const [name, typed, said] of [
      ['zoe', 'short', 'at least 8 characters'],
      ['zoe', 'password123', 'anybody would try'],
      ['zoe.harbour', 'zoe.harbour', 'must not be the user name'],
      ['zoe', 'x'.repeat(1_025), '1,024 bytes'],
      ['zoe', 'x'.repeat(100_000), 'far too long'],
      ['zoe', '', 'No password came'],
      ['\u200b', password, '1 to 254 visible characters'],
    ] as const) {
      const { code, stderr, stdout } = await addUser(name, typed);
      expect([code, stdout, stderr]).toEqual([2, '', expect.stringContaining(said)]);
    }
    expect((await addUser('zoe', password)).code).toBe(0);
    const twice = await addUser('ZOE', password);
    expect([twice.code, twice.stderr]).toEqual([2, expect.stringContaining('There is a user zoe already')]);
  });

  it('takes no password from the command line, and does not repeat it', async () => {
    await setUp();
    for (const args of [[password], ['--password', password], [`--password=${password}`]]) {
      const { code, stdout, stderr } = await run('users', 'add', 'zoe', ...args);
      expect([code, stdout, stderr]).toEqual([2, '', expect.stringContaining('not taken from the command line')]);
      expect(stderr).not.toContain(password);
    }
  });

  it('asks for a migration first', async () => {
    await run('init', '--issuer', 'http://127.0.0.1');
    const { code, stderr } = await addUser('zoe', password);
    expect([code, stderr]).toEqual([3, expect.stringContaining('latchkey migrate')]);
  });
});

describe('latchkey sessions', { timeout: 30_000 }, () => {
  it('lists and ends sessions while the server runs', async () => {
    await setUp();
    await addUser('zoe', password);
    const server = await serve([], { cwd });
    const signIn = async (): Promise<Record<string, unknown>> =>
      (await post(`${server.url}/auth/sign-in`, { username: 'zoe', password })).body;
    const refreshStatus = async (session: Record<string, unknown>): Promise<number> =>
      (await post(`${server.url}/auth/refresh`, { refresh: session['refresh'] })).status;
    const [first, second] = [await signIn(), await signIn()];
    const lines = (await run('sessions', 'list', 'Zoe', '--json')).stdout.trim().split('\n');
    const ids = lines.map((line) => (JSON.parse(line) as { id: string }).id);
    expect(ids).toHaveLength(2);
    const table = (await run('sessions', 'list', 'zoe')).stdout;
    for (const id of ids) expect(table).toContain(id);
    expect(table).toContain('127.0.0.1');

    const revoked = await run('sessions', 'revoke', ids[0] ?? '');
    expect([revoked.code, revoked.stdout]).toEqual([0, expect.stringContaining('Ended 1 session.')]);
    expect([await refreshStatus(first), await refreshStatus(second)].sort()).toEqual([200, 401]);
    expect((await run('sessions', 'revoke', '--user', 'zoe')).stdout).toContain('Ended 1 session.');
    expect([await refreshStatus(first), await refreshStatus(second)]).toEqual([401, 401]);
    expect((await run('sessions', 'list', 'zoe')).stdout).toBe('zoe is signed in nowhere.\n');
    await server.stop();
  });

  it('says what is not there', async () => {
    await setUp();
    const list = await run('sessions', 'list', 'nobody');
    expect([list.code, list.stderr]).toEqual([2, expect.stringContaining('There is no user nobody')]);
    const revoke = await run('sessions', 'revoke', 'A'.repeat(22));
    expect([revoke.code, revoke.stderr]).toEqual([2, expect.stringContaining('There is no session')]);
    const hyphen = await run('sessions', 'revoke', '-'.padEnd(22, 'A'));
    expect([hyphen.code, hyphen.stderr]).toEqual([2, expect.stringContaining('There is no session -A')]);
    const typo = await run('sessions', 'revoke', '--usr', 'zoe');
    expect([typo.code, typo.stderr]).toEqual([2, expect.stringContaining('There is no option --usr')]);
    expect((await run('sessions', 'revoke')).code).toBe(2);
    expect((await run('sessions', 'revoke', 'x', '--user', 'zoe')).code).toBe(2);
  });
});
