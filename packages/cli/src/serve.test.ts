import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, connect } from 'node:net';
import { join } from 'node:path';
import { createVerifier } from '@latchkey/verifier';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Outcome, buildCommand, latchkey, makeFolder, post, serve, cleanUp } from './command.fixture.js';

let cwd: string;

beforeAll(buildCommand, 120_000);
beforeEach(() => {
  cwd = makeFolder();
});
afterAll(cleanUp);

const credentials = { username: 'zoe', password: 'violet harbour 71' };
const modeOf = (file: string): string => (statSync(join(cwd, file)).mode & 0o777).toString(8);

/** A refusal: the exit code, nothing on standard output, and a message for people. */
async function refusal(args: readonly string[], env: Record<string, string> = {}): Promise<Outcome> {
  const outcome = await latchkey(['serve', '--port', '0', ...args], { cwd, env });
  expect(outcome.stdout).toBe('');
  expect(outcome.stderr).not.toMatch(/\n\s+at /);
  return outcome;
}

describe('latchkey serve --dev', { timeout: 30_000 }, () => {
  it('prints its address as its one line, and is a working token server with the bound address as issuer', async () => {
    const server = await serve(['--dev'], { cwd });
    const { status, body } = await post(`${server.url}/auth/sign-up`, credentials);
    expect([status, body['expires_in'], body['refresh_expires_in']]).toEqual([201, 900, 2_592_000]);
    const verifier = createVerifier({ issuer: server.url });
    const headers = { authorization: `Bearer ${String(body['access'])}` };
    expect((await verifier.verify({ headers, url: '/' })).claims.iss).toBe(server.url);
    const { code, stdout, stderr } = await server.stop();
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ url: server.url });
    expect(stdout.trim().split('\n')).toHaveLength(1);
    expect(stderr).toContain('serving for development');
    expect(stderr).toContain('signed_up');
    expect(stderr).not.toContain(String(body['refresh']));
    expect(stderr).not.toContain(credentials.password);
  });

  it('makes folder, keys and database for this account alone, and finds them again', async () => {
    const first = await serve(['--dev', '--issuer', 'http://localhost:4000'], { cwd });
    const { body } = await post(`${first.url}/auth/sign-up`, credentials);
    await first.stop();
    expect([modeOf('.latchkey'), modeOf('.latchkey/keys.json')]).toEqual(['700', '600']);
    expect(readFileSync(join(cwd, '.latchkey/.gitignore'), 'utf8')).toBe('*\n');
    const second = await serve(['--dev', '--issuer', 'http://localhost:4000'], { cwd });
    const { status } = await post(`${second.url}/auth/refresh`, { refresh: body['refresh'] });
    await second.stop();
    expect(status).toBe(200);
  });

  it('puts them beside the store that it is given', async () => {
    const server = await serve(['--dev', '--store', 'sqlite:some/where/app.db'], { cwd });
    await server.stop();
    expect([modeOf('some/where/keys.json'), existsSync(join(cwd, 'some/where/app.db'))]).toEqual(['600', true]);
    expect(existsSync(join(cwd, '.latchkey'))).toBe(false);
  });

  it('leaves nothing behind with a store in memory', async () => {
    const server = await serve(['--dev', '--store', 'sqlite::memory:'], { cwd });
    expect((await post(`${server.url}/auth/sign-up`, credentials)).status).toBe(201);
    await server.stop();
    expect(existsSync(join(cwd, '.latchkey'))).toBe(false);
  });

  it('allows any app of this machine, and no other', async () => {
    const server = await serve(['--dev'], { cwd });
    const allowed = async (origin: string): Promise<string | null> =>
      (await fetch(`${server.url}/auth/me`, { headers: { origin } })).headers.get('access-control-allow-origin');
    expect(await allowed('http://localhost:5173')).toBe('http://localhost:5173');
    expect(await allowed('https://app.example.com')).toBeNull();
    await server.stop();
  });

  it('listens on this machine alone', async () => {
    const { code, stderr } = await refusal(['--dev', '--host', '0.0.0.0']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('host is "0.0.0.0"')]);
  });
});

describe('stopping', { timeout: 30_000 }, () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('ends with 0 at %s', async (signal) => {
    const server = await serve(['--dev'], { cwd });
    const { code, stderr } = await server.stop(signal);
    expect(code).toBe(0);
    expect(stderr).toContain('stopped');
  });

  it('lets a request that is under way end, and takes no new ones', async () => {
    const server = await serve(['--dev'], { cwd });
    const { port } = new URL(server.url);
    const body = JSON.stringify(credentials);
    const socket = connect(Number(port), '127.0.0.1');
    const head = ['POST /auth/sign-up HTTP/1.1', `Host: 127.0.0.1:${port}`, 'Content-Type: application/json'];
    socket.write([...head, `Content-Length: ${body.length}`, 'Expect: 100-continue', '', ''].join('\r\n'));
    let answer = '';
    socket.setEncoding('utf8').on('data', (text: string) => (answer += text));
    await expect.poll(() => answer, { timeout: 5_000 }).toContain('100 Continue');
    const stopped = server.stop();
    await expect
      .poll(
        () =>
          fetch(server.url).then(
            () => 'open',
            () => 'closed',
          ),
        { timeout: 5_000 },
      )
      .toBe('closed');
    socket.write(body);
    expect((await stopped).code).toBe(0);
    expect(answer).toContain('HTTP/1.1 201');
  });
});

describe('settings', { timeout: 60_000 }, () => {
  it('come from file, environment and flags, the later the stronger', async () => {
    writeFileSync(
      join(cwd, 'latchkey.config.json'),
      '{"lifetimes": {"accessSeconds": 100, "idleSeconds": 5000}, "port": 1}',
    );
    const expiry = async (args: string[], env: Record<string, string> = {}): Promise<unknown> => {
      const server = await serve(['--dev', '--store', 'sqlite::memory:', ...args], { cwd, env });
      const { body } = await post(`${server.url}/auth/sign-up`, credentials);
      await server.stop();
      return [body['expires_in'], body['refresh_expires_in']];
    };
    expect(await expiry([])).toEqual([100, 5000]);
    expect(await expiry([], { LATCHKEY_ACCESS_SECONDS: '200' })).toEqual([200, 5000]);
    expect(await expiry(['--access-seconds', '300'], { LATCHKEY_ACCESS_SECONDS: '200' })).toEqual([300, 5000]);
  });

  it('have a preset for banks', async () => {
    const server = await serve(['--dev', '--preset', 'bank'], { cwd });
    const { body } = await post(`${server.url}/auth/sign-up`, credentials);
    await server.stop();
    expect([body['expires_in'], body['refresh_expires_in']]).toEqual([300, 900]);
  });

  it('allow a month for an access token', async () => {
    const server = await serve(['--dev', '--access-seconds', '2592000'], { cwd });
    const { body } = await post(`${server.url}/auth/sign-up`, credentials);
    await server.stop();
    expect(body['expires_in']).toBe(2_592_000);
  });

  const sound = ['--issuer', 'https://auth.example.com', '--store', 'sqlite:a.db'];
  it.each<[string, string[], Record<string, string>, string[]]>([
    ['no issuer', ['--store', 'sqlite:a.db'], {}, ['issuer is missing', '--issuer']],
    [
      'plain http outside this machine',
      [...sound, '--issuer', 'http://auth.example.com'],
      {},
      ['issuer is "http://auth.example.com"', 'https'],
    ],
    ['an issuer that is no address', [...sound, '--issuer', 'auth'], {}, ['issuer is "auth"']],
    [
      'a wildcard origin',
      [...sound, '--allow-origin', '*'],
      {},
      ['allowOrigins is "*"', '--allow-origin', 'no wildcard'],
    ],
    [
      'a wildcard inside an origin',
      [...sound, '--allow-origin', 'https://*.example.com/'],
      {},
      ['allowOrigins has "https://*.example.com/"'],
    ],
    [
      'an origin with a path',
      [...sound],
      { LATCHKEY_ALLOW_ORIGINS: 'https://a.example https://b.example/x' },
      ['"https://b.example/x"'],
    ],
    ['no store', ['--issuer', 'https://auth.example.com'], { LATCHKEY_KEYS: 'x' }, ['LATCHKEY_KEYS']],
    [
      'another database',
      [...sound, '--store', 'oracle:db'],
      {},
      ['store is "oracle:db" (from --store)', 'sqlite:PATH', 'postgres://USER@HOST'],
    ],
    ['a port that is none', [...sound, '--port', '99999'], {}, ['port is 99999 (from --port)', '0 to 65535']],
    [
      'a preset that is none',
      [...sound],
      { LATCHKEY_PRESET: 'banc' },
      ['preset is "banc" (from LATCHKEY_PRESET)', '"everyday" or "bank"'],
    ],
    [
      'a lifetime in words',
      [...sound, '--idle-seconds', '30d'],
      {},
      ['lifetimes.idleSeconds is "30d"', 'whole seconds'],
    ],
    [
      'an access token that outlives its session',
      [...sound, '--access-seconds', '90', '--idle-seconds', '80'],
      {},
      ['lifetimes.accessSeconds (90)'],
    ],
    [
      'a yes or no that is neither',
      [...sound],
      { LATCHKEY_TRUST_PROXY: 'maybe' },
      ['trustProxy is "maybe"', 'true or false'],
    ],
    ['no keys', [...sound], {}, ['There is no key file at', 'latchkey init']],
    ['a settings file that is not there', [...sound, '--config', 'x.json'], {}, ['x.json cannot be read', 'ENOENT']],
  ])('refuse %s, naming the setting, the value and the fix', async (_, ...[args, env, said]) => {
    const { code, stderr } = await refusal(args, env);
    expect(code).toBe(2);
    for (const part of said) expect(stderr).toContain(part);
    expect(existsSync(join(cwd, 'a.db'))).toBe(false);
  });

  it.each([
    ['a setting that there is not', '{"isuer": "x"}', ['isuer', 'is no setting', 'issuer']],
    ['a setting of the wrong type', '{"lifetimes": 5}', ['lifetimes is 5', 'latchkey.config.json']],
    ['a file that is not JSON', '{"issuer": }', ['latchkey.config.json is not JSON', 'latchkey init']],
    ['a file without an object', '[]', ['latchkey.config.json holds no object']],
  ])('refuse %s in the file', async (_, text, said) => {
    writeFileSync(join(cwd, 'latchkey.config.json'), text);
    const { code, stderr } = await refusal([]);
    expect(code).toBe(2);
    for (const part of said) expect(stderr).toContain(part);
  });

  it('that are mistyped in the environment are pointed out', async () => {
    const server = await serve(['--dev'], { cwd, env: { LATCHKEY_ISUER: 'x', LATCHKEY_SERVICE_HOST: '10.0.0.1' } });
    const { stderr } = await server.stop();
    expect(stderr).toContain('LATCHKEY_ISUER is no setting');
    expect(stderr).not.toContain('LATCHKEY_SERVICE_HOST is');
  });

  it('refuse keys that others can read, and keys that are none, without showing them', async () => {
    await latchkey(['init', '--issuer', 'https://auth.example.com'], { cwd });
    chmodSync(join(cwd, 'data/keys.json'), 0o644);
    const open = await refusal([]);
    expect([open.code, open.stderr]).toEqual([2, expect.stringMatching(/can be read by others.*chmod 600/s)]);
    chmodSync(join(cwd, 'data/keys.json'), 0o600);
    writeFileSync(join(cwd, 'data/keys.json'), '{"version": 1, "s3cr3t": ');
    const broken = await refusal([]);
    expect([broken.code, broken.stderr]).toEqual([2, expect.stringContaining('does not hold JSON')]);
    const wrong = await refusal([], { LATCHKEY_KEYS: '{"version": 1, "signing": "s3cr3t"}' });
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('key file cannot be used')]);
    expect(broken.stderr + wrong.stderr).not.toContain('s3cr3t');
  });
});

describe('what stands in the way', { timeout: 30_000 }, () => {
  it('a taken port: a message that names it, and exit code 3', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const { code, stderr } = await refusal(['--dev', '--port', String(port)]);
    other.close();
    expect([code, stderr]).toEqual([3, expect.stringContaining(`Port ${port} on 127.0.0.1 is taken`)]);
    expect(stderr).toContain('--port 0');
  });

  it('an address of another machine', async () => {
    await latchkey(['init', '--issuer', 'https://auth.example.com'], { cwd });
    const { code, stderr } = await refusal(['--migrate', '--host', '192.0.2.1']);
    expect([code, stderr]).toEqual([3, expect.stringContaining('192.0.2.1 is no address of this machine')]);
  });

  it('a store that cannot be written', async () => {
    writeFileSync(join(cwd, 'file'), '');
    const dev = await refusal(['--dev', '--store', 'sqlite:file/a.db']);
    expect([dev.code, dev.stderr]).toEqual([3, expect.stringMatching(/data folder .*file cannot be made.*--store/s)]);
    const migrating = await latchkey(['migrate', '--store', 'sqlite:missing/a.db'], { cwd });
    expect([migrating.code, migrating.stderr]).toEqual([3, expect.stringMatching(/missing\/a\.db cannot be opened/)]);
  });

  it('a database that is something else', async () => {
    writeFileSync(join(cwd, 'a.db'), 'this is no database '.repeat(100));
    const { code, stderr } = await refusal(['--dev', '--store', 'sqlite:a.db']);
    expect([code, stderr]).toEqual([3, expect.stringContaining('SQLITE_NOTADB')]);
  });

  it('a database that was not migrated: named with the command, and done when asked to', async () => {
    await latchkey(['init', '--issuer', 'https://auth.example.com'], { cwd });
    const missing = await refusal([]);
    expect([missing.code, missing.stderr]).toEqual([3, expect.stringContaining('latchkey migrate')]);
    writeFileSync(join(cwd, 'data/latchkey.db'), '');
    const empty = await refusal([]);
    expect([empty.code, empty.stderr]).toEqual([3, expect.stringContaining('latchkey migrate')]);
    const server = await serve(['--migrate'], { cwd });
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
    expect((await server.stop()).code).toBe(0);
  });

  it('an old Node: said before anything else is loaded', async () => {
    const older = 'data:text/javascript,Object.defineProperty(process,"version",{value:"v20.1.0"})';
    const { code, stderr, stdout } = await latchkey(['serve'], { cwd, node: ['--import', older] });
    expect([code, stdout]).toEqual([3, '']);
    expect(stderr).toBe(
      'latchkey: this is Node v20.1.0, and Latchkey needs 22.12 or newer. Install the current LTS from https://nodejs.org, or choose it with your version manager.\n',
    );
  });

  it('a command that there is not: exit code 2', async () => {
    expect((await latchkey(['serv'], { cwd })).code).toBe(2);
    expect((await latchkey(['serve', '--prot', '1'], { cwd })).code).toBe(2);
  });
});
