import { ConfigError, secretParameters } from '@latchkey/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type RequestRules,
  type RequestRulesOptions,
  createRequestRules,
  isLoopback,
  safeReturnTo,
} from './request-rules.js';

const parseUrl = (text: string, base?: string): URL | undefined => URL.parse(text, base) ?? undefined;
const accessToken = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl';
const opaque = 'a/b+c==d"e{f}G';
const tokens = [accessToken, opaque, ''];

const rules = (apis: readonly string[], options: Partial<RequestRulesOptions> = {}): RequestRules =>
  createRequestRules({ apis, pageUrl: () => 'https://app.example.com/start/here', parseUrl, ...options });

const api = rules(['https://api.example.com', 'https://other.example.com/v1/', '/api', 'http://localhost:8000']);
const judge = (url: string): string => api.decide(url, tokens).kind;
const attach = 'attach';
const plain = 'plain';

describe('E29: where the token goes', () => {
  it.each([
    ['U1: a host that only begins like the API', 'https://api.example.com.evil.com/x', plain],
    ['U1: a host that only ends like the API', 'https://evilapi.example.com/x', plain],
    ['U2: //evil', '//evil.com/x', plain],
    ['U2: /\\evil', '/\\evil.com/api/x', plain],
    ['U2: https:\\\\evil', 'https:\\\\evil.com\\api', plain],
    ['U3: the API as user name', 'https://api.example.com@evil.com/x', plain],
    ['U3: user information before the API', 'https://user:pass@api.example.com/x', plain],
    ['U4: an upper-case host', 'https://API.Example.COM/x', attach],
    ['U4: the default port', 'https://api.example.com:443/x', attach],
    ['U4: %2e in the host', 'https://api%2eexample%2ecom/x', attach],
    ['U5: a dot behind the host', 'https://api.example.com./x', plain],
    ['U5: another port', 'https://api.example.com:8443/x', plain],
    ['U5: http', 'http://api.example.com/x', plain],
    ['U5: http on the https port', 'http://api.example.com:443/x', plain],
    ['U6: a Cyrillic letter', 'https://аpi.example.com/x', plain],
    ['U7: a tab before evil', '\t//evil.com/x', plain],
    ['U7: a line break in the slashes before evil', '/\n/evil.com/api', plain],
    ['U8: blob: of the API', 'blob:https://api.example.com/0b2c9a3e', plain],
    ['U8: data:', 'data:text/plain,https://api.example.com/', plain],
    ['U8: javascript:', 'javascript:fetch("https://api.example.com")', plain],
    ['U9: https: without slashes is of the page', 'https:evil.com', plain],
    ['U9: https: without slashes, and a path of the API', 'https:/api/x', attach],
    ['U10: the path itself', 'https://other.example.com/v1', attach],
    ['U10: a path under it', 'https://other.example.com/v1/users?a=b#c', attach],
    ['U10: a query right behind the path', '/api?page=1', attach],
    ['U10: a path that only begins alike', '/api-public/x', plain],
    ['U10: another case', '/API/x', plain],
    ['U10: dots that stay within', '/api/a/../b', attach],
    ['U10: dots that climb out', '/api/../admin', plain],
    ['U10: encoded dots that climb out', 'https://other.example.com/v1/%2e%2e/admin', plain],
    ['U10: dots behind an encoded slash, which a server may decode', '/api/..%2Fadmin', plain],
    ['U10: dots behind an encoded backslash', '/api/x%5c..', plain],
    ['U10: dots with a path parameter', '/api/..;/admin', plain],
    ['U10: a path that leads into the API', '/admin/../api/x', attach],
    ['U10: dots that are part of a name', '/api/v1..v2/a...b', attach],
    ['loopback by name', 'http://localhost:8000/x', attach],
    ['another loopback port', 'http://localhost:8001/x', plain],
    ['a path of the page', '/start/here', plain],
    ['no URL at all', 'https://', plain],
  ])('%s', (_, url, kind) => {
    expect(judge(url)).toBe(kind);
  });

  it('follows the address of the page, which a router changes', () => {
    let page = 'https://app.example.com/start/here';
    const moving = rules(['/api'], { pageUrl: () => page });
    expect(moving.decide('users', [])).toEqual({ kind: 'plain', url: 'https://app.example.com/start/users' });
    page = 'https://app.example.com/api/';
    expect(moving.decide('users', [])).toEqual({ kind: 'attach', url: 'https://app.example.com/api/users' });
  });

  it('costs at most 25 µs for each of many different URLs', () => {
    const long = 'x'.repeat(700);
    const round = (from: number): number => {
      const start = performance.now();
      for (let i = from; i < from + 2_000; i++) api.decide(`https://api.example.com/v1/users/${i}?page=${i}`, [long]);
      return ((performance.now() - start) * 1_000) / 2_000;
    };
    const rounds = Array.from({ length: 7 }, (_, index) => round(index * 2_000));
    expect(Math.min(...rounds)).toBeLessThan(25);
  });
});

describe('the API addresses', () => {
  it.each([
    'http://localhost',
    'http://app.localhost:3000',
    'http://127.0.0.1:1',
    'http://127.9.8.7',
    'http://[::1]:1',
  ])('M11: may be %s: it is this device', (address) => {
    expect(rules([address]).apis).toEqual([address]);
  });

  it.each([
    'http://api.example.com',
    'http://192.168.1.5:3000',
    'http://localhost.evil.com',
    'http://127.0.0.1.nip.io',
  ])('M11: are refused as %s, with what to do', (address) => {
    expect(() => rules([address])).toThrow(ConfigError);
    expect(() => rules([address])).toThrow(/use https:.*mkcert/);
  });

  it('M11: are refused as a path of an http: page that is not on this device', () => {
    expect(() => rules(['/api'], { pageUrl: () => 'http://192.168.1.5:4200/' })).toThrow(
      /192\.168\.1\.5:4200 is http:/,
    );
    expect(rules(['/api'], { pageUrl: () => 'http://localhost:4200/' }).apis).toEqual(['http://localhost:4200/api']);
  });

  it.each([
    ...(['localhost', 'a.localhost', '127.0.0.1', '127.100.200.30', '[::1]'] as const).map(
      (host) => [host, true] as const,
    ),
    ...(['localhost.evil', 'mylocalhost', 'x127.0.0.1', '127.0.0.1.evil', '127.0.0', 'x[::1]'] as const).map(
      (host) => [host, false] as const,
    ),
    ...(['[::1]x', '[::11]', ''] as const).map((host) => [host, false] as const),
  ])('M11: the host %j is this device: %s', (host, isIt) => {
    expect(isLoopback(host)).toBe(isIt);
  });

  it('are taken without the slashes at their end', () => {
    expect(rules(['https://a.example/v1//', 'https://b.example/']).apis).toEqual([
      'https://a.example/v1',
      'https://b.example',
    ]);
  });

  it.each([
    ['nothing', []],
    ['no address', ['api.example.com']],
    ['another scheme', ['ftp://api.example.com']],
    ['another host than the page in disguise', ['//api.example.com']],
    ['a query', ['https://api.example.com/?x=1']],
    ['a wildcard', ['https://*.example.com']],
  ])('are refused as %s', (_, apis) => {
    expect(() => rules(apis)).toThrow(/Give "https:\/\/api\.example\.com"/);
  });

  it('are not repeated in the error: one may hold a password', () => {
    expect(() => rules(['https://me:hunter2hunter2@api.example.com'])).toThrow(/^(?!.*hunter2)/);
  });

  it('are none while `/api` is rendered on a server, which has no page', () => {
    const rendered = rules(['/api'], { pageUrl: () => undefined });
    expect(rendered.apis).toEqual([]);
    expect(rendered.decide('/api/x', tokens)).toEqual({ kind: 'plain', url: '/api/x' });
  });
});

describe('secrets in a URL', () => {
  const refusal = { kind: 'refused', code: 'ERR_SECRET_IN_URL' };

  it.each(secretParameters)('M12: the parameter %s is refused on an API URL, and named', (name) => {
    const decision = api.decide(`https://api.example.com/x?a=1&${name}=hunter2&b=2#c`, tokens);
    expect(decision).toMatchObject(refusal);
    expect(decision).toMatchObject({ message: expect.stringContaining(`"${name}"`) as string });
    expect(JSON.stringify(decision)).not.toContain('hunter2');
  });

  it.each(['ToKeN=1', 'access-token=1', 'API-Key', 'token', 'p%61ssword=1', '%74oken=', 'x=%zz&token=1', 'a=1&&pwd=2'])(
    'M12: ?%s is refused however it is spelt',
    (query) => {
      expect(api.decide(`/api/x?${query}`, tokens)).toMatchObject(refusal);
    },
  );

  it.each(['page_token=1', 'tokens=1', 'q=token', 'my+token=1', 'token%20=1', '%token=1', 'x', ''])(
    'M12: ?%s passes',
    (query) => {
      expect(judge(`/api/x?${query}`)).toBe(attach);
    },
  );

  it('M12: a name is of no account on other URLs', () => {
    expect(judge('https://cdn.example.org/x?token=1')).toBe(plain);
  });

  it.each([
    ['query', (token: string) => `https://evil.com/?x=${token}`],
    ['query, encoded', (token: string) => `https://evil.com/?x=${encodeURIComponent(token)}`],
    ['query, each letter encoded', (token: string) => `/y?x=${token.replace(/./g, hex)}`],
    ['address within an address', (token: string) => `/y?u=${encodeURIComponent(`/?t=${encodeURIComponent(token)}`)}`],
    ['path', (token: string) => `https://api.example.com/${token}/x`],
    ['fragment', (token: string) => `https://api.example.com/#${token}`],
    ['host', (token: string) => `https://${token}.evil.com/`],
    ['user information', (token: string) => `https://${encodeURIComponent(token)}@evil.com/`],
    ['middle of a line break', (token: string) => `https://evil.com/${token.slice(0, 9)}\n${token.slice(9)}`],
  ])("M12: a token's value is refused in the %s of any URL", (_, place) => {
    expect(api.decide(place(accessToken), tokens)).toMatchObject(refusal);
    if (parseUrl(place(opaque), 'https://app.example.com')) {
      expect(api.decide(place(opaque), tokens)).toMatchObject(refusal);
    }
  });

  it('M12: a value encoded up to three times over is found; beyond that it is no longer the value', () => {
    const encoded = (times: number): string => {
      let text = 'a secret/value';
      for (let count = 0; count < times; count += 1) text = encodeURIComponent(text);
      return api.decide(`https://cdn.example.org/?x=${text}`, ['a secret/value']).kind;
    };
    expect([1, 2, 3, 4].map(encoded)).toEqual(['refused', 'refused', 'refused', plain]);
  });

  it('M12: says that it was not sent, why, and what to do instead', () => {
    const held = api.decide(`https://cdn.example.org/?x=${accessToken}`, tokens);
    expect(held).toMatchObject({
      message:
        'Not sent: the URL holds a token of this session, and URLs end up in logs and histories. Send it in the body or a header.',
    });
  });

  it('M12: a value of eight letters is a secret', () => {
    expect(api.decide('https://api.example.com/x/12345678', ['12345678'])).toMatchObject(refusal);
  });

  it('M12: tokens too short to be secret block no innocent URL', () => {
    expect(api.decide('https://api.example.com/x/1234567', ['', 'x', '1234567']).kind).toBe(attach);
  });

  it('M12: the list can be changed, in any spelling', () => {
    const own = rules(['/api'], { secretParameters: ['Session-Key', 'contraseña'] });
    expect(own.decide('/api?session_key=1', [])).toMatchObject(refusal);
    expect(own.decide('/api?contrase%C3%B1a=1', [])).toMatchObject(refusal);
    expect(own.decide('/api?password=1', []).kind).toBe(attach);
  });

  it('M12: the option `warn` sends, and says what it would have refused', () => {
    const lenient = rules(['/api'], { secretsInUrl: 'warn' });
    expect(lenient.decide('/api?token=1', [])).toMatchObject({ kind: attach, warning: refusal });
    expect(lenient.decide(`/x?${accessToken}`, tokens)).toMatchObject({ kind: plain, warning: refusal });
  });
});

describe('the header skip', () => {
  const local = rules(['/api'], { pageUrl: () => 'http://localhost:4200/' });

  it('M7: is `true` or absent', () => {
    expect([api.isSkip('true'), api.isSkip(null)]).toEqual([true, false]);
    expect([local.isSkip('true'), local.isSkip(null)]).toEqual([true, false]);
  });

  it.each(['', 'True', '1', 'false', 'true, true'])(
    'M7: %j is an error in development and no skip elsewhere',
    (value) => {
      const message = expect.stringContaining('takes no value but "true"') as string;
      expect(local.isSkip(value)).toMatchObject({ kind: 'refused', code: 'ERR_SKIP_VALUE', message });
      expect(api.isSkip(value)).toBe(false);
      expect(rules(['https://a.example'], { pageUrl: () => undefined }).isSkip(value)).toBe(false);
    },
  );
});

describe('E29: where to go after sign-in', () => {
  const origin = 'https://app.example.com';
  const go = (text: string | null | undefined): string => safeReturnTo(text, origin, parseUrl);

  it.each(['/', '/inbox', '/a/b?c=d&e=%2F#f', '/a//b', '/a/../b', '/%E4%BD%A0', '/a?next=//evil.com'])(
    'U13: %s is taken',
    (text) => {
      expect(go(text)).toBe(new URL(text, origin).href.slice(origin.length));
    },
  );

  it.each([
    ...['//evil.com/x', '%2f%2fevil.com', 'javascript:alert(1)', '/\\evil.com/x', '\\\\evil.com', '/\t/evil.com/x'],
    ...['https://evil.com/', 'https://app.example.com/inbox', 'https:/inbox', 'inbox', '', ' /inbox', null, undefined],
    ...[
      '/.//evil.com',
      '/a/..//evil.com',
      '/%2fevil.com',
      '/%5Cevil.com',
      '/./\\evil.com',
      '///evil.com/x',
      '@evil.com',
    ],
  ])('U13: %s becomes /', (text) => {
    expect(go(text)).toBe('/');
  });

  it('U13: stays on the page’s origin whatever the text, even when what it gave is parsed again', () => {
    const part = fc.constantFrom(
      '/',
      '\\',
      '.',
      '..',
      '\t',
      '%2f',
      '%5c',
      'evil.com',
      ':',
      '@',
      '?',
      '#',
      'https:',
      'a',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
        const target = go(`/${parts.join('')}`);
        expect(target).toMatch(/^\/(?![/\\])/);
        expect(new URL(target, origin).origin).toBe(origin);
        expect(go(target)).toBe(target);
      }),
      { numRuns: 2_000 },
    );
  });
});

function hex(letter: string): string {
  return `%${letter.charCodeAt(0).toString(16)}`;
}
