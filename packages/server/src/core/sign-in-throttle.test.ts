import { describe, expect, it } from 'vitest';
import { defaultThrottleLimits, signInCounters, signUpCounters, throttledAddress } from './sign-in-throttle.js';

const keys = (knownDevice?: string) =>
  signInCounters({ account: 'A', address: 'X', knownDevice }, defaultThrottleLimits).map(({ key }) => key);

describe('the sign-in throttle', () => {
  it('counts a stranger by account and address, by account and by address', () => {
    expect(keys()).toEqual(['pair:A:X', 'account:A', 'address:X']);
  });

  it('counts a known device by itself alone, so that no stranger can fill its counter', () => {
    const stranger = new Set(keys());
    expect(keys('D')).toEqual(['device:D']);
    expect(keys('D').some((key) => stranger.has(key))).toBe(false);
  });

  it('counts sign-ups by address, apart from sign-ins', () => {
    expect(signUpCounters('X', defaultThrottleLimits).map(({ key }) => key)).toEqual(['sign-up:X']);
  });

  it('lets nobody guess more often than a list of common passwords is long', () => {
    const { perAccount } = defaultThrottleLimits;
    expect((perAccount.atMost * 86_400) / perAccount.perSeconds).toBeLessThanOrEqual(2400);
  });
});

describe('throttledAddress', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:db8:1:2::6', '2001:db8:1:2'],
    ['2001:0DB8:0001:0002::', '2001:db8:1:2'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    ['::1', '0:0:0:0'],
    ['unknown', 'unknown'],
  ])('%s counts as %s', (address, expected) => {
    expect(throttledAddress(address)).toBe(expected);
  });
});
