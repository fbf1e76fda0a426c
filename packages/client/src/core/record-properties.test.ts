import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ms } from '../testing/machine-driver.fixture.js';
import { formatCopy, parseRecord, parseRecordText } from './parse-record.js';
import { type SessionRecord, type StoredSession, applyChange, expectedOf } from './session-record.js';

const count = fc.nat(Number.MAX_SAFE_INTEGER);
const time = fc.nat(8.64e15).map(ms);
const tokenText = fc.stringMatching(/^[\x21-\x7e]{1,60}$/);
const user = fc.record({ id: fc.string(), username: fc.string(), profile: fc.jsonValue() });
const reason = fc.constantFrom('user', 'elsewhere', 'refused', 'expired', 'inactive', 'key_lost' as const);
const superseded = fc.array(fc.record({ generation: count, refreshToken: tokenText }), { maxLength: 8 });

const session: fc.Arbitrary<StoredSession> = fc.record({
  id: fc.string(),
  generation: count,
  accessToken: tokenText,
  refreshToken: fc.oneof(tokenText, fc.constant('')),
  refreshedAt: time,
  usableFrom: time,
  accessExpiresAt: time,
  sessionExpiresAt: fc.option(time),
  user: fc.option(user),
  tier: fc.constantFrom('K', 'intent', 'memory' as const),
  remember: fc.boolean(),
  superseded,
});

const record: fc.Arbitrary<SessionRecord> = fc.record({
  version: fc.constant(1),
  revision: count,
  epoch: count,
  endpoint: fc.webUrl(),
  session: fc.option(session),
  ended: fc.option(fc.record({ sessionId: fc.string(), reason })),
  unrevoked: fc.array(tokenText, { maxLength: 4 }),
});

/** What JSON makes of it: no negative zero. */
const stored = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

/** Fields of a version that is still to come; never those of this one. */
const later = fc
  .dictionary(
    fc.string().map((name) => `later_${name}`),
    fc.jsonValue(),
    { maxKeys: 4 },
  )
  .map(stored);

it('E27: every record is read as it was written, as a structured clone and as text', () => {
  fc.assert(
    fc.property(record, (written) => {
      expect(parseRecord(written)).toEqual(written);
      expect(parseRecordText(JSON.stringify(written))).toEqual(stored(written));
      const copy = parseRecordText(formatCopy(written));
      const bare = written.session && { ...written.session, superseded: [] };
      expect(copy).toEqual(stored({ ...written, session: bare, unrevoked: [] }));
    }),
  );
});

it('E28: fields of a later version survive reading, the copy, and every change that keeps the session', () => {
  fc.assert(
    fc.property(record, session, fc.tuple(later, later), (given, living, [ofRecord, ofSession]) => {
      const written = stored({ ...given, ...ofRecord, session: { ...living, ...ofSession } });
      const read = parseRecord(written)!;
      expect(read).toMatchObject(ofRecord);
      expect(parseRecordText(formatCopy(read))?.session).toMatchObject(ofSession);
      const tokens = { ...living, sessionId: living.id, user: undefined, generation: undefined };
      const after = applyChange(read, { kind: 'tokens', expected: expectedOf(read.epoch, read.session!), tokens });
      expect([after.won, after.record]).toMatchObject([true, { ...ofRecord, session: ofSession }]);
    }),
  );
});

it('E27: one edited field makes no record of wrong types, whatever stands in it, and never throws', () => {
  const anything = fc.oneof(
    fc.anything(),
    fc.jsonValue(),
    fc.constantFrom(NaN, Infinity, -1, 2 ** 60, '__proto__', []),
  );
  const field = fc.constantFrom<keyof SessionRecord | keyof StoredSession>(
    ...(['version', 'revision', 'epoch', 'endpoint', 'session', 'ended', 'unrevoked'] as const),
    ...(['id', 'generation', 'accessToken', 'refreshToken', 'refreshedAt', 'usableFrom', 'accessExpiresAt'] as const),
    ...(['sessionExpiresAt', 'user', 'tier', 'superseded'] as const),
  );
  fc.assert(
    fc.property(record, session, fc.tuple(field, anything), (given, living, [name, value]) => {
      const isOfRecord = name in given;
      const edited = isOfRecord ? { ...given, [name]: value } : { ...given, session: { ...living, [name]: value } };
      const read = parseRecord(edited);
      if (!read) return;
      expect(Number.isSafeInteger(read.epoch) && Number.isSafeInteger(read.revision)).toBe(true);
      expect(read.unrevoked.every((token) => typeof token === 'string')).toBe(true);
      expect(read.session === null || isSound(read.session)).toBe(true);
    }),
    { numRuns: 300 },
  );
});

const isSound = (given: StoredSession): boolean =>
  [given.generation, given.refreshedAt, given.usableFrom, given.accessExpiresAt].every(Number.isFinite) &&
  [given.accessToken, given.refreshToken].every((token) => new Headers({ a: `Bearer ${token}` }).has('a')) &&
  given.superseded.every(({ refreshToken }) => typeof refreshToken === 'string');

it('E27: hostile JSON is no record, and changes nothing outside', () => {
  const nested = '['.repeat(50_000) + ']'.repeat(50_000);
  const texts = [
    '{"__proto__":{"version":1,"epoch":1,"endpoint":"x","session":null}}',
    '{"constructor":{"prototype":{"epoch":1}},"version":1}',
    `{"version":1,"epoch":1,"endpoint":"x","session":${nested}}`,
    '{"version":1,"epoch":1e400,"endpoint":"x","session":null}',
    '{"version":1,"epoch":1,"endpoint":"x","session":{"__proto__":{"id":"a"}}}',
    '\ufeff{}',
    'NaN',
  ];
  for (const text of texts) expect(parseRecordText(text)).toBeUndefined();
  expect(Object.keys(Object.prototype)).toEqual([]);
  const odd = '{"version":1,"epoch":1,"endpoint":"x","session":null,"__proto__":{"polluted":1}}';
  expect(parseRecordText(odd)).toMatchObject({ epoch: 1, session: null });
  expect(({} as { polluted?: number }).polluted).toBeUndefined();
  fc.assert(
    fc.property(fc.json({ maxDepth: 6 }), fc.nat(200), (text, cut) => {
      parseRecordText(text);
      parseRecordText(text.slice(0, cut));
    }),
  );
});
