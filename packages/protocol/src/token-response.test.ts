import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seconds } from './time.js';
import { formatSessionBody, oauthFields, parseErrorBody, parseTokenResponse, parseUser } from './token-response.js';

const user = { id: 'u1', username: 'zoë', profile: { colour: 'red' } };
const body = {
  access: 'a.b.c',
  refresh: 'r',
  token_type: 'Bearer',
  expires_in: 900,
  refresh_expires_in: 2592000,
  user,
};

describe('parseTokenResponse', () => {
  it('reads what formatSessionBody writes', () => {
    const tokens = {
      accessToken: 'a.b.c',
      refreshToken: 'r',
      expiresIn: seconds(900),
      refreshExpiresIn: seconds(9000),
      user,
    };
    expect(parseTokenResponse(formatSessionBody(tokens))).toEqual({ ...tokens, tokenType: 'Bearer' });
  });

  it('reads OAuth names where asked to', () => {
    const read = parseTokenResponse({ access_token: 'a', refresh_token: 'r', token_type: 'bearer' }, oauthFields);
    expect(read).toMatchObject({ accessToken: 'a', refreshToken: 'r', tokenType: 'Bearer', expiresIn: undefined });
    expect(parseTokenResponse({ access_token: 'a' })).toBeUndefined();
  });

  it.each([
    ['nothing', undefined],
    ['a string, as a captive portal answers', '<html>'],
    ['an array', [body]],
    ['no token (case 10)', { ...body, access: undefined }],
    ['an empty token', { ...body, access: '' }],
    ['a token that is a number', { ...body, access: 1 }],
    ['a token with a newline, which no header takes', { ...body, access: 'a\nb' }],
    ['a token with a space', { ...body, access: 'a b' }],
    ['a refresh token that is none', { ...body, refresh: 5 }],
    ['an empty refresh token', { ...body, refresh: '' }],
    ['a token type that we cannot send', { ...body, token_type: 'mac' }],
    ['a token type that is an object', { ...body, token_type: { toString: 1, valueOf: 1 } }],
  ])('takes %s for no success', (_, value) => {
    expect(parseTokenResponse(value)).toBeUndefined();
  });

  it('never throws, whatever the JSON', () => {
    const members = fc.record(
      {
        access: fc.jsonValue(),
        refresh: fc.jsonValue(),
        token_type: fc.jsonValue(),
        expires_in: fc.jsonValue(),
        user: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    fc.assert(fc.property(members, (value) => void parseTokenResponse(JSON.parse(JSON.stringify(value)))));
  });

  it.each([
    [0, undefined],
    [-5, undefined],
    ['900', 900],
    ['0', undefined],
    ['-1', undefined],
    ['15 minutes', undefined],
    ['1e9', undefined],
    [undefined, undefined],
    [null, undefined],
    [true, undefined],
    [Number.NaN, undefined],
    [Number.POSITIVE_INFINITY, undefined],
    [1_800_000_000_000, undefined],
    ['9'.repeat(400), undefined],
    [0.5, 0.5],
    [2_592_000, 2_592_000],
  ])('reads expires_in %s as %s (case 10)', (given, wanted) => {
    expect(parseTokenResponse({ ...body, expires_in: given })?.expiresIn).toBe(wanted);
  });

  it.each([
    [undefined, 'Bearer'],
    [null, 'Bearer'],
    ['BEARER', 'Bearer'],
    ['dpop', 'DPoP'],
  ])('reads token type %s as %s', (given, wanted) => {
    expect(parseTokenResponse({ ...body, token_type: given })?.tokenType).toBe(wanted);
  });

  it('keeps the presented refresh token when the answer brings none, or null', () => {
    expect(parseTokenResponse({ access: 'a' })).toMatchObject({ accessToken: 'a', refreshToken: undefined });
    expect(parseTokenResponse({ access: 'a', refresh: null })?.refreshToken).toBeUndefined();
  });
});

describe('users', () => {
  it('get a text for an id, and an empty profile for none', () => {
    expect(parseUser({ id: 7, username: 'a' })).toEqual({ id: '7', username: 'a', profile: {} });
  });

  it.each([
    ['null', null],
    ['no id', { username: 'a' }],
    ['no name', { id: 1 }],
    ['an id that JSON has rounded', { id: 2 ** 53, username: 'a' }],
    ['an id with a fraction', { id: 1.5, username: 'a' }],
  ])('are not made of %s', (_, value) => {
    expect(parseUser(value)).toBeUndefined();
  });

  it('go on the wire with three members, whatever else the row has', () => {
    const row = { ...user, passwordHash: 'x' };
    const tokens = {
      accessToken: 'a',
      refreshToken: 'r',
      expiresIn: seconds(1),
      refreshExpiresIn: seconds(2),
      user: row,
    };
    expect(formatSessionBody(tokens).user).toEqual(user);
  });
});

describe('parseErrorBody', () => {
  it('reads what a stale refresh answers', () => {
    const stale = { error: 'stale_refresh', error_description: 'd', request_id: 'q', generation: 4, refresh: 'lk1_x' };
    expect(parseErrorBody(stale)).toEqual(stale);
  });

  it.each([
    ['<html>', undefined],
    [{}, undefined],
    [{ error: 5 }, undefined],
    [{ error: 'x' }, { error: 'x', error_description: '' }],
    [
      { error: 'x', generation: '4', refresh: 'a b', request_id: 1 },
      { error: 'x', error_description: '' },
    ],
  ])('reads %j as %j', (given, wanted) => {
    expect(parseErrorBody(given)).toEqual(wanted);
  });
});
