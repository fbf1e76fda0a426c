import type { EpochSeconds, Seconds } from '@latchkey/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { apply, at, day, hashOf, now, request, rowAt } from '../testing/rotation.fixture.js';
import { type RefreshOutcome, type RefreshRequest, decide, rotated } from './rotation.js';
import { chainCapacity, chainEntries, type SessionRow } from './session-row.js';

describe('decide, row by row', () => {
  const table: [string, SessionRow | undefined, ...[RefreshRequest, RefreshOutcome]][] = [
    ['an unknown session is invalid', undefined, request(0), { kind: 'invalid' }],
    [
      'a revoked session has ended, even for its current token',
      rowAt(3, { revokedAt: at(5), revokedReason: 'signed_out' }),
      request(3),
      { kind: 'ended', because: 'revoked' },
    ],
    [
      'at its idle end a session has ended',
      rowAt(3, { idleExpiresAt: now }),
      request(3),
      { kind: 'ended', because: 'idle' },
    ],
    [
      'at its absolute end a session has ended',
      rowAt(3, { absoluteExpiresAt: now }),
      request(3),
      { kind: 'ended', because: 'absolute' },
    ],
    [
      'an ended session is not revoked again by a reuse',
      rowAt(3, { idleExpiresAt: now }),
      request(3, { from: 'thief' }),
      { kind: 'ended', because: 'idle' },
    ],
    [
      'the superseded token with the same key is a repeat of the same successor',
      rowAt(3),
      request(2),
      { kind: 'repeat', successor: { generation: 3, keyId: 1 } },
    ],
    [
      'an older duplicate with its own key gets its successor, itself superseded',
      rowAt(5),
      request(2),
      { kind: 'stale', generation: 5, successor: { generation: 3, keyId: 1 } },
    ],
    [
      'the oldest token that is remembered is still a duplicate',
      rowAt(chainCapacity + 3),
      request(3),
      { kind: 'stale', generation: chainCapacity + 3, successor: { generation: 4, keyId: 1 } },
    ],
    ['a generation that the row has not reached is behind', rowAt(3), request(4), { kind: 'behind', generation: 3 }],
    [
      'a generation that the row has not reached is behind even if it calls itself final',
      rowAt(3),
      request(9, { final: true }),
      { kind: 'behind', generation: 3 },
    ],
    [
      'a generation before the chain is old',
      rowAt(chainCapacity + 3),
      request(2),
      { kind: 'old', generation: chainCapacity + 3 },
    ],
    [
      'a generation before the chain whose holder has nothing newer is a reuse',
      rowAt(chainCapacity + 3),
      request(2, { final: true }),
      { kind: 'reused' },
    ],
    [
      'the superseded token with another key is a reuse',
      rowAt(3),
      request(2, { leadsTo: 'thief' }),
      { kind: 'reused' },
    ],
    ['an older token with another key is a reuse', rowAt(5), request(2, { leadsTo: 'thief' }), { kind: 'reused' }],
    ['another token of the current generation is a reuse', rowAt(3), request(3, { from: 'thief' }), { kind: 'reused' }],
    [
      'another token of a remembered generation is a reuse',
      rowAt(3),
      request(1, { from: 'thief' }),
      { kind: 'reused' },
    ],
  ];
  it.each(table)('%s', (_title, row, ...[asked, expected]) => {
    expect(decide(row, asked, now)).toEqual(expected);
  });

  it('the current token rotates: next generation, token remembered, minting key, idle end slid, absolute end kept', () => {
    const row = rowAt(3);
    const outcome = decide(row, request(3, { mintingKeyId: 2 }), now);
    expect(outcome).toEqual({
      kind: 'rotate',
      next: {
        ...row,
        generation: 4,
        tokenHash: hashOf(4),
        keyId: 2,
        chain: outcome.kind === 'rotate' ? outcome.next.chain : '',
        refreshedAt: now,
        activeAt: now,
        idleExpiresAt: at(1000 + 30 * day),
      },
    });
    const next = outcome.kind === 'rotate' ? outcome.next : row;
    expect(chainEntries(next.chain).at(-1)).toEqual({ tokenHash: hashOf(3), keyId: 1 });
  });

  it('never lives one second past either end', () => {
    const row = rowAt(3, { idleExpiresAt: at(1001) });
    expect(decide(row, request(3), at(1000)).kind).toBe('rotate');
    expect(decide(row, request(3), at(1001)).kind).toBe('ended');
  });
});

describe('decide, trace by trace', () => {
  it('a lost answer, a browser that sends twice and two tabs without a lock all get the same successor', () => {
    const row = apply(rowAt(3), decide(rowAt(3), request(3), now));
    const again = decide(row, request(3), at(1000 + 20 * day));
    expect(again).toEqual({ kind: 'repeat', successor: { generation: 4, keyId: 1 } });
  });

  it('a repeat names the key id that the successor was first made with, though another mints by now', () => {
    const row = apply(rowAt(3), decide(rowAt(3), request(3, { mintingKeyId: 1 }), now));
    expect(decide(row, request(3, { mintingKeyId: 2 }), now)).toEqual({
      kind: 'repeat',
      successor: { generation: 4, keyId: 1 },
    });
  });

  it.each([
    ['thief first, owner later', 'thief', 'own'],
    ['owner first, thief later', 'own', 'thief'],
  ])('%s: revoked at the second, however soon it comes', (_title, first, second) => {
    const row = apply(rowAt(3), decide(rowAt(3), request(3, { leadsTo: first }), now));
    const outcome = decide(row, request(3, { leadsTo: second }), now);
    expect(outcome.kind).toBe('reused');
    const revoked = apply(row, outcome);
    for (const leadsTo of [first, second]) {
      expect(decide(revoked, request(4, { from: leadsTo }), now).kind).toBe('ended');
    }
  });

  it('a thief who rotated 100 times is found by the owner, who has nothing newer', () => {
    let row = apply(rowAt(3), decide(rowAt(3), request(3, { leadsTo: 'thief' }), now));
    for (let from = 4; from < 104; from += 1) row = apply(row, decide(row, request(from, { from: 'thief' }), now));
    expect(row.generation).toBe(104);
    expect(decide(row, request(3), now).kind).toBe('old');
    expect(decide(row, request(3, { final: true }), now).kind).toBe('reused');
  });

  it('a tab that froze before its request and wakes after ten rotations ends nothing', () => {
    expect(decide(rowAt(13), request(3), now)).toEqual({ kind: 'old', generation: 13 });
  });

  it('a late duplicate walks up one step a request, and only with its own key', () => {
    const row = rowAt(7);
    const steps = [2, 3, 4, 5].map((generation) => decide(row, request(generation), now));
    expect(steps).toEqual(
      [3, 4, 5, 6].map((generation) => ({ kind: 'stale', generation: 7, successor: { generation, keyId: 1 } })),
    );
    expect(decide(row, request(6), now)).toEqual({ kind: 'repeat', successor: { generation: 7, keyId: 1 } });
  });

  it('after a failover that lost writes, walking up makes the same tokens again', () => {
    const before = rowAt(5);
    let row = rowAt(2);
    expect(decide(row, request(5), now)).toEqual({ kind: 'behind', generation: 2 });
    for (const generation of [2, 3, 4]) row = apply(row, decide(row, request(generation), now));
    expect(row.tokenHash).toBe(before.tokenHash);
    expect(row.chain).toBe(before.chain);
    expect(decide(row, request(5), now).kind).toBe('rotate');
  });

  it('a token that was made twice with two keys, for a failover lost the first, is given as the row knows it', () => {
    const before = rowAt(3);
    const again = apply(before, decide(before, request(3, { mintingKeyId: 1 }), now));
    // The lost rotation had made generation 4 with key 2, and a request with that text is still on its way.
    const lost = request(4, { keyId: 2, leadsTo: 'other' });
    const twin = (row: SessionRow) => ({
      kind: 'twin',
      generation: row.generation,
      itself: { generation: 4, keyId: 1 },
    });
    expect(decide(again, lost, now)).toEqual(twin(again));
    const later = apply(again, decide(again, request(4), now));
    expect(decide(later, lost, now)).toEqual(twin(later));
    // A thief of either text is found as before: the text that the row knows leads to one successor alone.
    expect(decide(later, request(4, { leadsTo: 'thief' }), now).kind).toBe('reused');
  });

  it('after a failover a thief and an owner cannot both go on', () => {
    // Both hold generation 2; the owner's rotation to 3 was lost; the thief goes first on the database that is left.
    const row = apply(rowAt(2), decide(rowAt(2), request(2, { leadsTo: 'thief' }), now));
    expect(decide(row, request(3), now).kind).toBe('reused');
  });

  it('a token of a higher generation, forged with a leaked server secret, writes nothing and gets no token', () => {
    const outcome = decide(rowAt(3), request(50, { from: 'forger', final: true }), now);
    expect(outcome).toEqual({ kind: 'behind', generation: 3 });
  });

  it('a client without a key of its own has strict single use, and no way out by being old', () => {
    const keyless = { keylessLeewaySeconds: 0 as Seconds };
    const row = apply(rowAt(0), decide(rowAt(0), request(0, { leadsTo: 'drawn-1', ...keyless }), now));
    expect(decide(row, request(0, { leadsTo: 'drawn-2', ...keyless }), now).kind).toBe('reused');
    // The same drawn key is the same call, whose statement was run again: whenever that is.
    const again = { kind: 'repeat', successor: { generation: 1, keyId: 1 } };
    expect(decide(row, request(0, { leadsTo: 'drawn-1', ...keyless }), at(5000))).toEqual(again);
    expect(decide(rowAt(chainCapacity + 3), request(2, keyless), now).kind).toBe('reused');
  });

  it.each([
    [-11, 'reused'],
    [-10, 'reused'],
    [-9, 'repeat'],
    [0, 'repeat'],
    [9, 'repeat'],
    [10, 'reused'],
    [day, 'reused'],
  ])('without a key and with a leeway of 10 s, %d s after the rotation the same request is %s', (seconds, kind) => {
    const keyless = { leadsTo: 'server', keylessLeewaySeconds: 10 as Seconds };
    const row = apply(rowAt(3), decide(rowAt(3), request(3, keyless), at(1000)));
    const later = at(1000 + seconds);
    expect(decide(row, request(3, keyless), later).kind).toBe(kind);
    // What is older than that, or was made with a key, never is.
    expect(decide(row, request(2, { ...keyless, leadsTo: 'own' }), later).kind).toBe('reused');
    expect(decide(row, request(3, { ...keyless, leadsTo: 'own' }), later).kind).toBe('reused');
    // Whoever has a key is not asked what time it is.
    expect(decide(row, request(3, { leadsTo: 'server' }), later).kind).toBe('repeat');
  });

  it('a client without a key rotates, and is told of a database that lost writes, as any other', () => {
    const keyless = { keylessLeewaySeconds: 10 as Seconds };
    expect(decide(rowAt(3), request(3, keyless), now).kind).toBe('rotate');
    expect(decide(rowAt(3), request(4, keyless), now)).toEqual({ kind: 'behind', generation: 3 });
  });
});

describe('rotated', () => {
  const activity = { idleSeconds: 900 as Seconds, countedFrom: 'activity' } as const;

  it('without a word of activity an inactivity limit is not slid', () => {
    const row = rowAt(0, { activeAt: at(100), idleExpiresAt: at(1000) });
    const next = rotated(row, request(0, { idle: activity, activeAt: 0 as EpochSeconds }), at(500));
    expect([next.activeAt, next.idleExpiresAt]).toEqual([at(100), at(1000)]);
  });

  it('activity slides an inactivity limit from when it happened, and late news never moves it back', () => {
    const row = rowAt(0, { activeAt: at(0), idleExpiresAt: at(900) });
    const next = rotated(row, request(0, { idle: activity, activeAt: at(450) }), at(500));
    expect([next.activeAt, next.idleExpiresAt]).toEqual([at(450), at(1350)]);
    const late = rotated(next, request(1, { idle: activity, activeAt: at(300) }), at(600));
    expect([late.activeAt, late.idleExpiresAt]).toEqual([at(450), at(1350)]);
  });

  it('R8: through 1,000 rotations the absolute end does not move, the idle end never passes it, the chain stays', () => {
    let row = rowAt(0);
    const chainLength = rowAt(chainCapacity).chain.length;
    for (let from = 0; from < 1000; from += 1) row = rotated(row, request(from), at(from * day * 0.36));
    expect(row.absoluteExpiresAt).toBe(at(365 * day));
    expect(row.idleExpiresAt).toBe(row.absoluteExpiresAt);
    expect(row.generation).toBe(1000);
    expect(row.chain).toHaveLength(chainLength);
  });

  it('whatever the order of owner and thief, once both have been decided the session is revoked', () => {
    const moves = fc.array(fc.record({ who: fc.constantFrom('own', 'thief'), retry: fc.boolean() }), { minLength: 2 });
    fc.assert(
      fc.property(moves, fc.integer({ min: 0, max: 12 }), (steps, stolenAt) => {
        let row = rowAt(stolenAt);
        const held: Record<string, { from: string; generation: number }> = {
          own: { from: 'own', generation: stolenAt },
          thief: { from: 'own', generation: stolenAt },
        };
        const decided = new Set<string>();
        for (const { who, retry } of steps) {
          const token = held[who]!;
          const asked = request(token.generation, { from: token.from, leadsTo: who, final: retry });
          const outcome = decide(row, asked, now);
          row = apply(row, outcome);
          decided.add(who);
          if (outcome.kind === 'rotate' && !retry) held[who] = { from: who, generation: token.generation + 1 };
          if (decided.size === 2 && outcome.kind !== 'old') expect(row.revokedAt).not.toBeNull();
        }
      }),
    );
  });
});
