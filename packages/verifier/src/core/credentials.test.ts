import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findCredentials } from './credentials.js';

const find = (url: string, ...authorization: string[]): ReturnType<typeof findCredentials> =>
  findCredentials({ url, authorization });

describe('findCredentials', () => {
  it.each(['Bearer abc.d-e_f', 'bearer abc.d-e_f', 'BEARER   abc.d-e_f', 'Bearer\tabc.d-e_f', ' Bearer abc.d-e_f'])(
    'finds the token in %j',
    (field) => {
      expect(find('/', field)).toEqual({ kind: 'token', token: 'abc.d-e_f' });
    },
  );

  it.each(['', 'Basic dXNlcjpwYXNz', 'DPoP abc', 'Bearerabc', 'Digest username="a", realm="b"', 'abc.def.ghi'])(
    'sees no bearer credentials in %j',
    (field) => {
      expect(find('/', field)).toEqual({ kind: 'none' });
    },
  );

  it('sees none where the field is missing', () => {
    expect(find('/')).toEqual({ kind: 'none' });
  });

  it.each([
    ['two fields', ['Bearer a', 'Bearer b']],
    ['the same field twice', ['Bearer a', 'Bearer a']],
    ['two fields of which one is of another scheme', ['Basic a', 'Bearer b']],
    ['two fields joined by a runtime', ['Bearer a, Bearer b']],
    ['two fields of two schemes joined', ['Basic YTpi, Bearer b']],
    ['a scheme without a token', ['Bearer']],
    ['a scheme with white space alone', ['Bearer  ']],
  ])('refuses %s', (_, fields) => {
    expect(find('/', ...fields).kind).toBe('refused');
  });

  it.each([
    '/?access_token=x',
    '/?a=1&ACCESS-TOKEN=x',
    '/?access%5Ftoken=x',
    '/?%61ccess_token=x',
    '/?token',
    '/v1/a?b=c&password=#x',
    'https://api.example.com/v1?api-key=1',
    '/?%E0%A4&refresh=1',
  ])('refuses the secret in %s, good header or not', (url) => {
    expect(find(url, 'Bearer a').kind).toBe('refused');
    expect(find(url).kind).toBe('refused');
  });

  it.each(['/', '/?page_token=x', '/token/access_token=1', '/#access_token=x', '/?q=token', '/?%E0%A4=1', '/?'])(
    'lets %s pass',
    (url) => {
      expect(find(url, 'Bearer a.b').kind).toBe('token');
    },
  );

  it('refuses a token that stands in the URL as well, under whatever name', () => {
    const token = `aaa.${'b'.repeat(30)}.ccc`;
    expect(find(`/?x=${token}`, `Bearer ${token}`).kind).toBe('refused');
    expect(find(`/${token}/x`, `Bearer ${token}`).kind).toBe('refused');
    expect(find('/null', 'Bearer null').kind).toBe('token');
  });

  it('goes by the list of names that it is given', () => {
    const parts = { url: '/invitation?token=x', authorization: ['Bearer a'] };
    expect(findCredentials(parts, ['pin']).kind).toBe('token');
    expect(findCredentials({ ...parts, url: '/?PIN=1' }, ['pin']).kind).toBe('refused');
  });

  it('quotes nothing of what it refuses, and never throws', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.string(), { maxLength: 3 }), (query, fields) => {
        const found = find(`/?token=s3cr3t&${query}`, ...fields, 'Bearer s3cr3t');
        expect(found.kind === 'refused' && !found.description.includes('s3cr3t')).toBe(true);
      }),
    );
  });
});
