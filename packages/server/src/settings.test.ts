import { describe, expect, it } from 'vitest';
import { generateKeys, loadKeys } from './keys.js';
import type { AuthServerOptions } from './options.js';
import { resolveSettings } from './settings.js';
import { problemsOf } from './settings-check.js';
import { memoryStore } from './testing/index.js';

const keys = await loadKeys(await generateKeys());
const options = (changes: object = {}): AuthServerOptions => ({
  store: memoryStore(),
  keys,
  issuer: 'https://auth.example.com',
  ...changes,
});

const sendMail = () => undefined;

describe('settings', () => {
  it('default to 15 minutes, 30 days sliding and a year', () => {
    expect(resolveSettings(options())).toMatchObject({
      accessSeconds: 900,
      idleSeconds: 30 * 86_400,
      absoluteSeconds: 365 * 86_400,
      idleCountedFrom: 'refresh',
      prefix: '/auth',
      audience: 'https://auth.example.com',
    });
  });

  it('for a bank are 5 minutes, 15 minutes without activity and 12 hours', () => {
    expect(resolveSettings(options({ preset: 'bank' }))).toMatchObject({
      accessSeconds: 300,
      idleSeconds: 900,
      absoluteSeconds: 43_200,
      idleCountedFrom: 'activity',
    });
  });

  it('take an access token of a month, and no absolute end', () => {
    const lifetimes = { accessSeconds: 30 * 86_400, absoluteSeconds: 'off' } as const;
    expect(resolveSettings(options({ lifetimes }))).toMatchObject(lifetimes);
  });

  it.each([
    ['an http issuer', { issuer: 'http://auth.example.com' }, /issuer is "http:\/\/auth.example.com".*https/],
    ['an issuer with a slash at the end', { issuer: 'https://a.example/' }, /issuer.*without slash/],
    ['an issuer that is no address', { issuer: 'auth' }, /issuer is "auth"/],
    ['an issuer with a password', { issuer: 'https://u:p@a.example' }, /issuer/],
    ['a wildcard origin', { allowOrigins: ['*'] }, /allowOrigins has "\*".*no wildcard/],
    ['an origin with a path', { allowOrigins: ['https://a.example/app'] }, /allowOrigins/],
    ['an origin with a slash', { allowOrigins: ['https://a.example/'] }, /allowOrigins/],
    ['the origin null', { allowOrigins: ['null'] }, /allowOrigins/],
    ['an http origin of another machine', { allowOrigins: ['http://a.example'] }, /allowOrigins.*https/],
    ['a prefix with a slash at the end', { prefix: '/auth/' }, /prefix is "\/auth\/"/],
    ['an unknown preset', { preset: 'casino' }, /preset is "casino".*everyday/],
    ['a lifetime of 0', { lifetimes: { accessSeconds: 0 } }, /lifetimes.accessSeconds is 0/],
    ['a lifetime in quotes', { lifetimes: { idleSeconds: '900' } }, /lifetimes.idleSeconds is "900"/],
    [
      'a token that outlives its session',
      { lifetimes: { accessSeconds: 100, idleSeconds: 50 } },
      /\(100\) is above lifetimes.idleSeconds \(50\)/,
    ],
    ['a token that outlives its preset session', { preset: 'bank', lifetimes: { accessSeconds: 1000 } }, /idleSeconds/],
    ['no memory for hashing', { passwordHashing: { memoryKib: 0 } }, /passwordHashing.memoryKib is 0/],
    ['a link without mail', { resetLink: 'https://a.example/x' }, /resetLink can lead nobody.*sendMail/],
    ['mail without a link', { sendMail }, /sendMail has nothing to send.*resetLink/],
    ['a link that is no address', { sendMail, verifyLink: '/verify' }, /verifyLink is "\/verify".*no web address/],
    ['a link by script', { sendMail, resetLink: 'javascript:alert(1)' }, /resetLink.*no web address/],
    ['a link with a query', { sendMail, resetLink: 'https://a.example/?a=b' }, /resetLink.*without query/],
    ['a link with a fragment', { sendMail, resetLink: 'https://a.example/#/reset' }, /resetLink.*fragment/],
    ['a link with a line end', { sendMail, resetLink: 'https://a.example/x\n' }, /resetLink/],
    ['a link over http', { sendMail, resetLink: 'http://a.example/x' }, /resetLink.*plain http/],
    ['a limit of -1', { throttle: { perAddress: { atMost: -1, perSeconds: 1 } } }, /throttle.perAddress.atMost is -1/],
    ['a leeway of minutes', { keylessLeewaySeconds: 61 }, /keylessLeewaySeconds is 61\. Give whole seconds from 0/],
    ['a leeway below 0', { keylessLeewaySeconds: -1 }, /keylessLeewaySeconds is -1/],
    ['a leeway of half a second', { keylessLeewaySeconds: 0.5 }, /keylessLeewaySeconds is 0.5/],
    ['a leeway in quotes', { keylessLeewaySeconds: '10' }, /keylessLeewaySeconds is "10"/],
  ])('refuse %s, with name, value and fix', (_title, changes, expected) => {
    expect(() => resolveSettings(options(changes))).toThrow(expected);
    expect(() => resolveSettings(options(changes))).toThrow(expect.objectContaining({ code: 'ERR_CONFIG' }));
  });

  it.each([
    ['plain http on this machine', { issuer: 'http://127.0.0.1:4000', allowOrigins: ['http://localhost:4200'] }],
    [
      'plain http where it is said',
      { issuer: 'http://box.lan', allowOrigins: ['http://box.lan:4200'], allowHttp: true },
    ],
    ['an issuer with a path', { issuer: 'https://a.example/tenant' }],
    ['a page on this machine', { sendMail, verifyLink: 'http://localhost:4200/verify' }],
    ['a page for either', { sendMail, resetLink: 'https://a.example/x', verifyLink: 'https://a.example/y' }],
    ['no prefix', { prefix: '' }],
    ['the longest leeway', { keylessLeewaySeconds: 60 }],
    ['no leeway', { keylessLeewaySeconds: 0 }],
  ])('take %s', (_title, changes) => {
    expect(problemsOf(options(changes))).toEqual([]);
  });

  it('say all that is wrong at once', () => {
    expect(problemsOf(options({ issuer: 'x', prefix: 'auth', preset: 'y' }))).toHaveLength(3);
  });
});
