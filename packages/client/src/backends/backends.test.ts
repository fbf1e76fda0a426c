import { describe, expect, it } from 'vitest';
import type { WireAnswer, WireFailure } from '../ports.js';
import { latchkey } from './latchkey.js';
import { simpleJwt } from './simple-jwt.js';

const place = { apiUrl: 'https://api.test/v1' };
const backends = { latchkey: latchkey()(place), simpleJwt: simpleJwt()(place) };
const names = ['latchkey', 'simpleJwt'] as const;

const answer = (status: number, body?: unknown, headers: Record<string, string> = {}): WireAnswer => ({
  status,
  body,
  header: (name) => headers[name],
});
const failed = (failure: WireFailure['failure']): WireFailure => ({ status: 0, failure });
const renewed = { access: 'access-1', refresh: 'refresh-1', expires_in: 900 };
/** `undefined` is what the transport makes of anything that is no JSON object: HTML, a body cut short, nothing. */
const notJson = undefined;

const dateOf = (epochSeconds: number) => ({ date: new Date(epochSeconds * 1000).toUTCString() });

describe.each(names)('a refresh by %s', (name) => {
  const read = (given: WireAnswer | WireFailure) => backends[name].readRefresh(given);

  it.each([
    ['no network or CORS', failed('network'), 'ERR_NETWORK'],
    ['a time-out', failed('timeout'), 'ERR_TIMEOUT'],
    ['a 500', answer(500, { error: 'server_error' }), 'ERR_SERVER'],
    ['a 502 with HTML', answer(502, notJson), 'ERR_SERVER'],
    ['a 503', answer(503, { error: 'unavailable' }), 'ERR_SERVER'],
    ['a 503 that says invalid_grant', answer(503, { error: 'invalid_grant', code: 'token_not_valid' }), 'ERR_SERVER'],
    ['a 429', answer(429, { error: 'invalid_grant', code: 'token_not_valid' }), 'ERR_THROTTLED'],
    ['a 408', answer(408, notJson), 'ERR_SERVER'],
    ['a 425', answer(425, notJson), 'ERR_SERVER'],
    ['a captive portal: 200 and HTML', answer(200, notJson), 'ERR_BAD_ANSWER'],
    ['truncated JSON', answer(200, notJson), 'ERR_BAD_ANSWER'],
    ['a 204', answer(204, notJson), 'ERR_BAD_ANSWER'],
    ['a 200 without a token', answer(200, { refresh: 'r' }), 'ERR_BAD_ANSWER'],
    ['a 200 whose token is no text', answer(200, { access: 5 }), 'ERR_BAD_ANSWER'],
    ['a 200 whose token no header can hold', answer(200, { access: 'a b\n' }), 'ERR_BAD_ANSWER'],
    ['a 200 with another token type', answer(200, { ...renewed, token_type: 'mac' }), 'ERR_BAD_ANSWER'],
    ['a 401 by a proxy', answer(401, notJson), 'ERR_SERVER'],
    ['a 401 for another reason', answer(401, { error: 'invalid_client', code: 'authentication_failed' }), 'ERR_SERVER'],
    ['a 400 for another reason', answer(400, { error: 'invalid_request' }), 'ERR_SERVER'],
    ['a 403', answer(403, { error: 'invalid_grant', code: 'token_not_valid' }), 'ERR_SERVER'],
    ['a 404', answer(404, { error: 'not_found' }), 'ERR_SERVER'],
  ])('is no verdict on the session after %s (9, 10)', (_, given, code) => {
    expect(read(given)).toMatchObject({ kind: 'transient', code });
  });

  it.each([
    ['3', 3],
    ['86400', 3600],
    ['Wed, 21 Oct 2030 07:28:00 GMT', undefined],
    ['-1', undefined],
    ['', undefined],
  ])('with Retry-After %j waits %s s', (text, retryAfter) => {
    expect(read(answer(429, notJson, { 'retry-after': text }))).toMatchObject({ kind: 'transient', retryAfter });
    expect(read(answer(503, notJson, { 'retry-after': text }))).toMatchObject({ retryAfter });
  });

  it.each([
    [0, undefined],
    [-5, undefined],
    ['900', 900],
    ['soon', undefined],
    [null, undefined],
    [undefined, undefined],
    [1e300, undefined],
  ])('E10: that brings tokens is success; expires_in %j is read as %s', (stated, expiresIn) => {
    expect(read(answer(200, { ...renewed, expires_in: stated }))).toMatchObject({
      kind: 'success',
      tokens: { accessToken: 'access-1', refreshToken: 'refresh-1', expiresIn },
    });
  });

  it('that brings the old refresh token, or none, is success', () => {
    const tokens = { accessToken: 'access-1', refreshToken: undefined };
    expect(read(answer(200, { access: 'access-1' }))).toMatchObject({ kind: 'success', tokens });
    expect(read(answer(200, { access: 'access-1', refresh: null }))).toMatchObject({ kind: 'success', tokens });
  });

  it('sends the token in the body, by POST, and nowhere else', () => {
    const request = backends[name].refresh({ refreshToken: 'r-1', idempotencyKey: 'k', final: false });
    expect(request).toMatchObject({ method: 'POST', url: backends[name].endpoint, body: { refresh: 'r-1' } });
    expect(request.url + JSON.stringify(request.headers ?? {})).not.toContain('r-1');
  });

  it('is told no by a message that has no token in it', () => {
    for (const given of [answer(500, { ...renewed }), answer(200, { refresh: 'refresh-1' })]) {
      expect(JSON.stringify(read(given))).not.toContain('refresh-1');
    }
  });
});

describe('latchkey', () => {
  const { latchkey: backend } = backends;

  it.each([400, 401])('invalid_grant with %d is definitive', (status) => {
    const told = { error: 'invalid_grant', error_description: 'Sign in again.' };
    expect(backend.readRefresh(answer(status, told))).toEqual({
      kind: 'refused',
      error: 'invalid_grant',
      message: 'Sign in again.',
      status,
    });
  });

  it('stale_refresh says where the chain stands', () => {
    const stale = { error: 'stale_refresh', generation: 7, refresh: 'next' };
    expect(backend.readRefresh(answer(409, stale))).toEqual({ kind: 'superseded', generation: 7, refresh: 'next' });
    expect(backend.readRefresh(answer(409, { error: 'stale_refresh', generation: 0 }))).toEqual({
      kind: 'superseded',
      generation: 0,
      refresh: undefined,
    });
    for (const body of [notJson, { error: 'conflict' }, { error: 'stale_refresh' }, { ...stale, generation: '7' }]) {
      expect(backend.readRefresh(answer(409, body))).toMatchObject({ kind: 'transient', code: 'ERR_SERVER' });
    }
  });

  it('names the idempotency key and the last resort on the wire', () => {
    const request = backend.refresh({ refreshToken: 'r', idempotencyKey: 'key', final: true });
    expect(request).toMatchObject({ headers: { 'Idempotency-Key': 'key' }, body: { refresh: 'r', final: true } });
    expect(backend.refresh({ refreshToken: 'r', idempotencyKey: undefined, final: false })).toMatchObject({
      headers: {},
      body: { refresh: 'r' },
    });
  });

  it('sign-in is refused by the server’s own word alone', () => {
    const refused = answer(401, { error: 'invalid_credentials', error_description: 'No.' });
    expect(backend.readTokens(refused)).toMatchObject({ kind: 'refused', error: 'invalid_credentials', status: 401 });
    for (const given of [answer(429, { error: 'slow_down' }), answer(401, notJson), answer(500, { error: 'x' })]) {
      expect(backend.readTokens(given)).toMatchObject({ kind: 'transient' });
    }
  });

  it('a sign-out may outlive the page and carries the token in its body', () => {
    expect(backend.signOut?.('r-1')).toMatchObject({ method: 'POST', keepalive: true, body: { refresh: 'r-1' } });
  });

  it('stands at /auth of the API’s origin, or where it is told', () => {
    expect(backend.endpoint).toBe('https://api.test/auth/refresh');
    expect(latchkey({ url: 'https://id.test/x/' })(place).endpoint).toBe('https://id.test/x/refresh');
  });
});

describe('simpleJwt', () => {
  const { simpleJwt: backend } = backends;
  const notValid = { detail: 'Token is blacklisted', code: 'token_not_valid' };

  it('token_not_valid with 401 is definitive, and nothing else is', () => {
    expect(backend.readRefresh(answer(401, notValid))).toMatchObject({ kind: 'refused', error: 'token_not_valid' });
    for (const body of [{ detail: 'No active account' }, { code: 'user_not_found' }, [notValid], notJson]) {
      expect(backend.readRefresh(answer(401, body))).toMatchObject({ kind: 'transient' });
    }
    expect(backend.readRefresh(answer(400, notValid))).toMatchObject({ kind: 'transient' });
    expect(backend.readRefresh(answer(409, { error: 'stale_refresh', generation: 1 })).kind).toBe('transient');
  });

  const jwt = (claims: object) => `${base64Url({ alg: 'HS256' })}.${base64Url(claims)}.${base64Url({})}`;
  const base64Url = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  // Made at 1000 with a refresh token of 100, whose `iat` it got.
  const access = jwt({ exp: 1900, iat: 100 });

  it.each([
    ['by the refresh token made with it', answer(200, { access, refresh: jwt({ exp: 9000, iat: 1000 }) }), 900],
    ['by the date of the answer, where no other refresh token comes', answer(200, { access }, dateOf(1010)), 890],
    ['as the usual five minutes, where nothing tells', answer(200, { access }), 300],
    ['as the usual five minutes, where the date is none', answer(200, { access }, { date: 'soon' }), 300],
    ['as the usual five minutes, where the date is of another clock', answer(200, { access }, dateOf(5000)), 300],
    ['as what it says, if that is less', answer(200, { access: jwt({ exp: 160, iat: 100 }) }), 60],
    ['as what the server states', answer(200, { access, expires_in: 77 }), 77],
    ['not at all, of an opaque token', answer(200, { access: 'opaque' }), undefined],
    [
      'not at all, of one that has ended before it began',
      answer(200, { access: jwt({ exp: 50, iat: 100 }) }),
      undefined,
    ],
  ])('the lifetime of a token whose `iat` was copied is reckoned %s', (_, given, expiresIn) => {
    expect(backend.readRefresh(given)).toMatchObject({ kind: 'success', tokens: { expiresIn } });
  });

  it('a 401 of the API says that the token is bad by challenge or by code', async () => {
    const body = (value: unknown) => () => Promise.resolve(value);
    expect(await backend.saysInvalidToken('Bearer realm="api"', body(notValid))).toBe(true);
    expect(await backend.saysInvalidToken('Bearer error="invalid_token"', body(undefined))).toBe(true);
    expect(await backend.saysInvalidToken('Bearer realm="api"', body({ detail: 'No.' }))).toBe(false);
    expect(await backend.saysInvalidToken(undefined, body(undefined))).toBe(false);
  });

  it('wrong credentials are refused by 400 or 401 with a body', () => {
    const refused = answer(401, { detail: 'No active account found' });
    expect(backend.readTokens(refused)).toMatchObject({ kind: 'refused', error: 'invalid_credentials' });
    expect(backend.readTokens(answer(401, notJson))).toMatchObject({ kind: 'transient' });
    expect(backend.readTokens(answer(503, { detail: 'x' }))).toMatchObject({ kind: 'transient' });
  });

  it('asks for the user and signs out there only where it is told how', () => {
    for (const name of ['loadUser', 'signOut', 'updateUser']) expect(backend).not.toHaveProperty(name);
    const told = simpleJwt({ userUrl: '/me/', signOutPath: '/api/token/blacklist/' })(place);
    expect(told.loadUser?.()).toEqual({ method: 'GET', url: 'https://api.test/me/' });
    expect(told.signOut?.('r')).toMatchObject({ url: 'https://api.test/api/token/blacklist/', body: { refresh: 'r' } });
    expect(told.readUser?.(answer(200, { id: 7, username: 'ada', colour: 'blue' }))).toEqual({
      id: '7',
      username: 'ada',
      profile: { colour: 'blue' },
    });
    expect(told.readUser?.(answer(200, notJson))).toBeUndefined();
  });
});
