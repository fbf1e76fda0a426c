import type { Scope } from './refreshing/world.js';

/** Two tabs without Web Locks in front of one server, on a network that loses, delays, repeats and reorders. */
const plain: Scope = {
  name: '',
  tabs: 2,
  locks: 'none',
  tier: 'K',
  messages: 2,
  chain: 2,
  kept: 2,
  spread: 4,
  duplicates: true,
  crashes: false,
  freezes: false,
  failover: { times: 0, lostWrites: 0 },
  rollback: { times: 0, generations: 0 },
  keyRotation: false,
  expiry: false,
  signOuts: 0,
  signIns: 0,
  thief: 'none',
};

/** Small enough for every run of the tests: each fault by itself, closed within seconds. */
export const shortScopes: readonly Scope[] = [
  { ...plain, name: 'two tabs', spread: 3 },
  { ...plain, name: 'Web Locks', spread: 3, locks: 'fair', crashes: true },
  { ...plain, name: 'tabs crash', spread: 2, crashes: true },
  { ...plain, name: 'tabs freeze', spread: 3, freezes: true },
  {
    ...plain,
    name: 'storage rolls back',
    messages: 1,
    duplicates: false,
    chain: 3,
    kept: 3,
    spread: 2,
    rollback: { times: 1, generations: 2 },
  },
  { ...plain, name: 'failover', messages: 1, duplicates: false, spread: 3, failover: { times: 1, lostWrites: 1 } },
  {
    ...plain,
    name: 'failover and keys',
    spread: 1,
    messages: 1,
    duplicates: false,
    keyRotation: true,
    failover: { times: 1, lostWrites: 1 },
  },
  { ...plain, name: 'sign-out', spread: 2, signOuts: 1 },
  { ...plain, name: 'sign-in', messages: 1, duplicates: false, chain: 1, kept: 1, spread: 1, signIns: 1 },
  { ...plain, name: 'thief with storage', messages: 1, duplicates: false, spread: 3, thief: 'storage' },
  { ...plain, name: 'thief with a request', spread: 2, messages: 1, duplicates: false, thief: 'request' },
  { ...plain, name: 'time is over', spread: 2, expiry: true },
  { ...plain, name: 'intents', spread: 2, locks: 'fair', tier: 'intent', crashes: true },
];

/** What `npm run explore` adds: more tabs, more messages, longer chains, faults upon faults. */
export const longScopes: readonly Scope[] = [
  { ...plain, name: 'two tabs, late' },
  { ...plain, name: 'three messages', messages: 3 },
  { ...plain, name: 'chain of 3', chain: 3, kept: 3, spread: 5 },
  { ...plain, name: 'chain of 8', chain: 8, kept: 8, spread: 3 },
  { ...plain, name: 'three tabs', tabs: 3, spread: 3 },
  { ...plain, name: 'three tabs, impatient', tabs: 3, spread: 2, locks: 'impatient' },
  { ...plain, name: 'tabs crash, late', crashes: true },
  { ...plain, name: 'crash and freeze', spread: 3, crashes: true, freezes: true },
  { ...plain, name: 'failover of 2 writes', spread: 3, failover: { times: 1, lostWrites: 2 } },
  {
    ...plain,
    name: 'storage rolls back, late',
    chain: 3,
    kept: 3,
    duplicates: false,
    rollback: { times: 1, generations: 2 },
  },
  { ...plain, name: 'failover, duplicates', failover: { times: 1, lostWrites: 1 } },
  { ...plain, name: 'two failovers', spread: 2, duplicates: false, failover: { times: 2, lostWrites: 1 } },
  { ...plain, name: 'failover, keys', spread: 2, keyRotation: true, failover: { times: 1, lostWrites: 1 } },
  { ...plain, name: 'failover, crash', spread: 2, crashes: true, failover: { times: 1, lostWrites: 1 } },
  {
    ...plain,
    name: 'failover, thief',
    spread: 2,
    duplicates: false,
    thief: 'storage',
    failover: { times: 1, lostWrites: 1 },
  },
  { ...plain, name: 'key rotation', spread: 3, keyRotation: true },
  { ...plain, name: 'sign-out, crash', spread: 2, crashes: true, signOuts: 1 },
  {
    ...plain,
    name: 'another person',
    spread: 1,
    chain: 1,
    kept: 1,
    messages: 1,
    duplicates: false,
    signOuts: 1,
    signIns: 1,
  },
  {
    ...plain,
    name: 'another person, freeze',
    spread: 1,
    chain: 1,
    kept: 1,
    duplicates: false,
    freezes: true,
    signOuts: 1,
    signIns: 1,
  },
  {
    ...plain,
    name: 'two sign-outs',
    spread: 1,
    chain: 1,
    kept: 1,
    messages: 1,
    duplicates: false,
    signOuts: 2,
    signIns: 1,
  },
  { ...plain, name: 'thief, crash', spread: 2, duplicates: false, crashes: true, thief: 'storage' },
  { ...plain, name: 'thief, keys', spread: 2, messages: 1, duplicates: false, keyRotation: true, thief: 'storage' },
  { ...plain, name: 'three tabs, Web Locks, freeze', tabs: 3, spread: 2, locks: 'fair', freezes: true },
  { ...plain, name: 'thief, storage, late', spread: 3, duplicates: false, thief: 'storage' },
  { ...plain, name: 'thief, request, late', spread: 3, duplicates: false, thief: 'request' },
  { ...plain, name: 'thief, duplicates', spread: 2, thief: 'storage' },
];

/** Six tabs and many faults at once: far too large to be explored whole. */
const crowd: Scope = {
  ...plain,
  tabs: 6,
  messages: 8,
  chain: 8,
  kept: 8,
  spread: 12,
  crashes: true,
  freezes: true,
  keyRotation: true,
};

/**
 * For walks. Storage that rolls back and a database that fails over are apart: each takes what mends the other. So are a
 * roll-out of keys and a failover that loses two rotations of a session: together they end it (docs/rotation.md).
 */
export const walkScopes: readonly Scope[] = [
  { ...crowd, name: 'six tabs, failovers', failover: { times: 3, lostWrites: 1 } },
  { ...crowd, name: 'six tabs, failovers of 2 writes', keyRotation: false, failover: { times: 3, lostWrites: 2 } },
  {
    ...crowd,
    name: 'six tabs, Web Locks, storage rolls back',
    locks: 'impatient',
    rollback: { times: 3, generations: 2 },
  },
  { ...crowd, name: 'six tabs, people come and go', signOuts: 6, signIns: 12 },
  { ...crowd, name: 'six tabs and a thief', thief: 'request', failover: { times: 3, lostWrites: 1 } },
];
