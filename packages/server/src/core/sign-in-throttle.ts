/** So many attempts in a window of so many seconds. */
export interface ThrottleLimit {
  readonly atMost: number;
  readonly perSeconds: number;
}

/** The limits, all on failed sign-ins but those that say otherwise. */
export interface ThrottleLimits {
  /** Guesses at one account from one address. */
  readonly perAccountAndAddress: ThrottleLimit;
  /** Guesses at one account from anywhere, known devices apart. */
  readonly perAccount: ThrottleLimit;
  /** Guesses from one address at any account. */
  readonly perAddress: ThrottleLimit;
  /** Guesses from a device that has been signed in to that account. */
  readonly perKnownDevice: ThrottleLimit;
  /** Accounts made from one address, successful ones included. */
  readonly signUpPerAddress: ThrottleLimit;
  /** Refreshes of one session, counted at each node and only for authentic tokens. @see countRefresh */
  readonly refreshPerSession: ThrottleLimit;
  /** Mails of one kind asked for one account, from anywhere. */
  readonly mailPerAccount: ThrottleLimit;
  /** Mails asked for from one address, for any account, whether it exists or not. */
  readonly mailPerAddress: ThrottleLimit;
}

/**
 * Our choice: a person mistypes fewer than 10 times; 100 guesses an hour find no password that is not common; 32 tabs
 * without a lock refresh at once, and again if the answers are lost, with as much to spare. Mails are counted for as
 * long as a reset link lives: whoever gets no more because a stranger asked has one that still works.
 */
export const defaultThrottleLimits: ThrottleLimits = {
  perAccountAndAddress: { atMost: 10, perSeconds: 900 },
  perAccount: { atMost: 100, perSeconds: 3600 },
  perAddress: { atMost: 60, perSeconds: 900 },
  perKnownDevice: { atMost: 10, perSeconds: 900 },
  signUpPerAddress: { atMost: 60, perSeconds: 3600 },
  refreshPerSession: { atMost: 120, perSeconds: 60 },
  mailPerAccount: { atMost: 5, perSeconds: 1800 },
  mailPerAddress: { atMost: 60, perSeconds: 3600 },
};

/** Who tries: names and addresses as hashes. */
export interface Attempt {
  readonly account: string;
  readonly address: string;
  /** A session of that very account which this browser has had, shown by an authentic refresh token. */
  readonly knownDevice: string | undefined;
}

/** A counter that an attempt is counted in. */
export interface AttemptCounter extends ThrottleLimit {
  readonly key: string;
}

/**
 * Names the counters of a sign-in. A known device has its own and no other: whatever strangers do, from wherever, its
 * owner can sign in; and a stranger never learns whether one is locked.
 */
export function signInCounters(attempt: Attempt, limits: ThrottleLimits): AttemptCounter[] {
  const { account, address, knownDevice } = attempt;
  if (knownDevice !== undefined) return [{ key: `device:${knownDevice}`, ...limits.perKnownDevice }];
  return [
    { key: `pair:${account}:${address}`, ...limits.perAccountAndAddress },
    { key: `account:${account}`, ...limits.perAccount },
    { key: `address:${address}`, ...limits.perAddress },
  ];
}

/** Names the counter of a sign-up. */
export function signUpCounters(address: string, limits: ThrottleLimits): AttemptCounter[] {
  return [{ key: `sign-up:${address}`, ...limits.signUpPerAddress }];
}

/** Names the counters of a wish for a mail. */
export function mailCounters(
  { purpose, account, address }: { purpose: string; account: string; address: string },
  limits: ThrottleLimits,
): AttemptCounter[] {
  return [
    { key: `mail:${purpose}:${account}`, ...limits.mailPerAccount },
    { key: `mail-from:${address}`, ...limits.mailPerAddress },
  ];
}

/**
 * Reduces an address to what one stranger can hold: an IPv4 address, or the first 64 bits of an IPv6 one (a home gets
 * that many). An IPv4 address inside IPv6 counts as itself.
 */
export function throttledAddress(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped?.[1] !== undefined) return mapped[1];
  if (!address.includes(':')) return address;
  const [head = '', tail = ''] = address.toLowerCase().replace(/%.*$/, '').split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === '' ? [] : tail.split(':');
  const zeros = address.includes('::')
    ? Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0')
    : [];
  return [...left, ...zeros, ...right]
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':');
}
