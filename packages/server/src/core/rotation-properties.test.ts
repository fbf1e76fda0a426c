import type { EpochSeconds, Seconds } from '@latchkey/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NewSession } from '../ports.js';
import { memoryStore } from '../testing/index.js';
import { apply, at, day, hashOf, now, request, rowAt } from '../testing/rotation.fixture.js';
import { type RefreshOutcome, decide, rotated } from './rotation.js';
import { chainCapacity, type SessionRow } from './session-row.js';

/** The key id that the token of a generation was made with. */
const keyIdOf = (generation: number) => generation % 3;

/** A row whose owner has rotated so often while the server's keys were exchanged again and again. */
function rowWithKeys(generation: number): SessionRow {
  let row: SessionRow = { ...rowAt(0), keyId: keyIdOf(0) };
  for (let from = 0; from < generation; from += 1) {
    row = rotated(row, request(from, { keyId: keyIdOf(from), mintingKeyId: keyIdOf(from + 1) }), at(from));
  }
  return Object.freeze(row);
}

const leeway = 10;

/** One line of the table of the protocol. */
interface Position {
  readonly generation: number;
  readonly presented: number;
  readonly isOwnToken: boolean;
  readonly isOwnKey: boolean;
  readonly isFinal: boolean;
  readonly client: 'with a key' | 'strict' | 'within the leeway' | 'after the leeway';
}

/** The table again, written from the positions instead of from the hashes. */
function expectedOf({ generation, presented, isOwnToken, isOwnKey, isFinal, client }: Position): string {
  const isDuplicate = isOwnToken && isOwnKey && presented >= generation - chainCapacity && presented < generation;
  const hasKey = client === 'with a key';
  if (isOwnToken && presented === generation) return 'rotate';
  if (isDuplicate && presented === generation - 1 && client !== 'after the leeway') return 'repeat';
  if (isDuplicate && presented < generation - 1 && hasKey) return 'stale';
  if (presented > generation) return 'behind';
  if (presented < generation - chainCapacity && hasKey && !isFinal) return 'old';
  return 'reused';
}

function* positions(): Generator<Position> {
  const either = [true, false];
  const clients = ['with a key', 'strict', 'within the leeway', 'after the leeway'] as const;
  for (let generation = 0; generation <= chainCapacity + 3; generation += 1)
    for (let presented = 0; presented <= generation + 3; presented += 1)
      for (const isOwnToken of either)
        for (const isOwnKey of either)
          for (const isFinal of either)
            for (const client of clients) yield { generation, presented, isOwnToken, isOwnKey, isFinal, client };
}

function requestAt({ presented, isOwnToken, isOwnKey, isFinal, client }: Position) {
  const keyless = client === 'strict' ? 0 : leeway;
  return request(presented, {
    keyId: keyIdOf(presented),
    from: isOwnToken ? 'own' : 'other',
    leadsTo: isOwnKey ? 'own' : 'other',
    final: isFinal,
    ...(client !== 'with a key' && { keylessLeewaySeconds: keyless as Seconds }),
  });
}

describe('decide, position by position', () => {
  it('does as the table says, at every position of token, key, finality and client', () => {
    const seen = new Map<string, number>();
    for (const position of positions()) {
      const row = rowWithKeys(position.generation);
      const wait = position.client === 'within the leeway' ? leeway - 1 : leeway;
      const outcome = decide(row, requestAt(position), (row.refreshedAt + wait) as EpochSeconds);
      expect(outcome.kind, JSON.stringify(position)).toBe(expectedOf(position));
      expect(describeOutcome(outcome), JSON.stringify(position)).toEqual(detailsOf(position, outcome.kind));
      seen.set(outcome.kind, (seen.get(outcome.kind) ?? 0) + 1);
    }
    expect([...seen.keys()].sort()).toEqual(['behind', 'old', 'repeat', 'reused', 'rotate', 'stale']);
  });

  it.each([
    ['revoked', { revokedAt: at(5), revokedReason: 'signed_out' }],
    ['idle', { idleExpiresAt: now }],
    ['absolute', { absoluteExpiresAt: now }],
  ] as const)('answers nothing but that it has ended, %s, at every one of them', (because, changes) => {
    for (const position of positions()) {
      const row = Object.freeze({ ...rowWithKeys(position.generation), ...changes });
      expect(decide(row, requestAt(position), now)).toEqual({ kind: 'ended', because });
    }
  });

  it('knows no session at any of them where there is no row', () => {
    for (const position of positions()) {
      expect(decide(undefined, requestAt(position), now)).toEqual({ kind: 'invalid' });
    }
  });
});

/** What an outcome tells the requester, beside its kind. */
function describeOutcome(outcome: RefreshOutcome): object {
  if (outcome.kind === 'rotate') return {};
  return Object.fromEntries(Object.entries(outcome).filter(([name]) => name !== 'kind'));
}

function detailsOf({ generation, presented }: Position, kind: RefreshOutcome['kind']): object {
  const successor = { generation: presented + 1, keyId: keyIdOf(presented + 1) };
  if (kind === 'repeat') return { successor };
  if (kind === 'stale') return { generation, successor };
  return kind === 'behind' || kind === 'old' ? { generation } : {};
}

/** What an owner who has nobody beside them may send: the newest token, one from so long ago, or after lost writes. */
const ownStep = fc.record({
  stepsBack: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat({ max: 12 })),
  lostWrites: fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, fc.nat({ max: 4 })),
  seconds: fc.integer({ min: -3600, max: 2 * day }),
});

describe('decide, whatever happens', () => {
  it('never takes an owner for a thief, in whatever order their requests and the failovers come', () => {
    fc.assert(
      fc.property(fc.array(ownStep, { maxLength: 40 }), (steps) => {
        const rows: SessionRow[] = [rowAt(0)];
        let [newest, time] = [0, 1000];
        for (const { stepsBack, lostWrites, seconds } of steps) {
          if (lostWrites > 0) rows.splice(Math.max(1, rows.length - lostWrites));
          time += seconds;
          const row = Object.freeze(rows.at(-1)!);
          if (row.idleExpiresAt <= at(time) || row.absoluteExpiresAt <= at(time)) return;
          const outcome = decide(row, request(Math.max(0, newest - stepsBack)), at(time));
          expect(['rotate', 'repeat', 'stale', 'behind', 'old']).toContain(outcome.kind);
          if (outcome.kind !== 'rotate') continue;
          rows.push(outcome.next);
          expect(outcome.next.tokenHash).toBe(hashOf(outcome.next.generation));
          newest = Math.max(newest, outcome.next.generation);
        }
      }),
    );
  });

  it('always takes a remembered token with another key for a theft', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 30 }),
        fc.integer({ min: 1, max: chainCapacity }),
        fc.boolean(),
        (more, back, final) => {
          const generation = more + back;
          const asked = request(generation - back, { leadsTo: 'thief', final });
          expect(decide(rowAt(generation), asked, now)).toEqual({ kind: 'reused' });
        },
      ),
    );
  });

  it('never moves the absolute end, nor the idle end past it, nor a generation by more than one', () => {
    const anyStep = fc.record({
      stepsBack: fc.nat({ max: 10 }),
      leadsTo: fc.constantFrom('own', 'thief'),
      final: fc.boolean(),
      seconds: fc.integer({ min: -day, max: 40 * day }),
      countedFrom: fc.constantFrom('refresh', 'activity'),
    });
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 40 }), (steps) => {
        let [row, time] = [rowAt(0), 1000];
        for (const { stepsBack, seconds, countedFrom, ...how } of steps) {
          time += seconds;
          const idle = { idleSeconds: (30 * day) as Seconds, countedFrom: countedFrom };
          const asked = request(Math.max(0, row.generation - stepsBack), { ...how, idle, activeAt: at(time) });
          const outcome = decide(Object.freeze(row), asked, at(time));
          const next = apply(row, outcome);
          if (outcome.kind !== 'rotate' && outcome.kind !== 'reused') expect(next).toBe(row);
          expect(next.absoluteExpiresAt).toBe(row.absoluteExpiresAt);
          expect(next.idleExpiresAt).toBeLessThanOrEqual(next.absoluteExpiresAt);
          expect(next.generation - row.generation).toBe(outcome.kind === 'rotate' ? 1 : 0);
          row = next;
        }
      }),
    );
  });

  it('rotates to the row that a store writes by itself', async () => {
    const anyRotation = fc.record({
      mintingKeyId: fc.integer({ min: 0, max: 255 }),
      seconds: fc.integer({ min: -3600, max: 12 * day }),
      idleFor: fc.nat({ max: day }),
      countedFrom: fc.constantFrom('refresh', 'activity'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(anyRotation, { maxLength: 20 }), async (rotations) => {
        const store = memoryStore();
        const user = { id: 'user', username: 'user', passwordHash: null, profile: '{}', createdAt: at(0) };
        await store.users.create(user);
        await store.sessions.create(newSession, { credentialVersion: 0 });
        let time = 0;
        for (const [from, { seconds, idleFor, countedFrom, mintingKeyId }] of rotations.entries()) {
          time += seconds;
          const idle = { idleSeconds: (20 * day) as Seconds, countedFrom: countedFrom };
          const keyId = from === 0 ? 1 : rotations[from - 1]!.mintingKeyId;
          const asked = request(from, { keyId, mintingKeyId, idle, activeAt: at(time - idleFor) });
          const before = await store.sessions.find('session');
          const outcome = decide(before?.session, asked, at(time));
          const parties = { ip: '192.0.2.1', userAgent: 'agent' };
          const rotation = { sessionId: 'session', request: asked, now: at(time), ...parties };
          const after = await store.sessions.rotate(rotation);
          expect(after?.session).toEqual(outcome.kind === 'rotate' ? { ...outcome.next, ...parties } : undefined);
          if (!after) return;
        }
      }),
    );
  });
});

const newSession: NewSession = {
  id: 'session',
  userId: 'user',
  tokenHash: hashOf(0),
  keyId: 1,
  createdAt: at(0),
  idleExpiresAt: at(30 * day),
  absoluteExpiresAt: at(90 * day),
  userAgent: '',
  ip: '',
  label: null,
};
