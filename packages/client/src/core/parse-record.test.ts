import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DrivenTab, issuedTokens, signedInShelf } from '../testing/machine-driver.fixture.js';
import { formatCopy, parseRecord, parseRecordText } from './parse-record.js';
import type { SessionRecord } from './session-record.js';

const record = signedInShelf(issuedTokens('0', { user: { id: '1', username: 'ada', profile: {} } })).record!;
const withSession = (given: Record<string, unknown>): unknown => ({
  ...record,
  session: { ...record.session, ...given },
});

it('what was written is read again, a tombstone too', () => {
  expect(parseRecordText(JSON.stringify(record))).toEqual(record);
  const ended = { ...record, session: null, ended: { sessionId: 's', reason: 'user' }, unrevoked: ['r'] };
  expect(parseRecord(ended)).toEqual(ended);
});

it('fields that are not known here are kept', () => {
  const newer = { ...record, later: 1, session: { ...record.session, later: 2 } };
  expect(parseRecord(newer)).toEqual(newer);
});

describe('C1, E27: what is no record is treated as absent', () => {
  it.each([
    ['null', null],
    ['a list', []],
    ['a text', 'x'],
    ['a newer schema', { ...record, version: 2 }],
    ['no version', { ...record, version: undefined }],
    ['a mistyped epoch', { ...record, epoch: '1' }],
    ['a negative epoch', { ...record, epoch: -1 }],
    ['no endpoint', { ...record, endpoint: undefined }],
    ['no session, not even null', { ...record, session: undefined }],
    ['a session that is a list', { ...record, session: [] }],
    ['an access token that is no text', withSession({ accessToken: 5 })],
    ['an access token that no header can hold', withSession({ accessToken: 'a\nb' })],
    ['a refresh token that no header can hold', withSession({ refreshToken: 'é' })],
    ['an expiry that is a text', withSession({ accessExpiresAt: '5' })],
    ['an end of the session that is a text', withSession({ sessionExpiresAt: '5' })],
    ['an expiry that is null', withSession({ accessExpiresAt: null })],
    ['a session without an id', withSession({ id: 5 })],
    ['a user without a name', withSession({ user: { id: '1' } })],
    ['a user whose id is a number', withSession({ user: { id: 1, username: 'ada' } })],
    ['an unknown tier', withSession({ tier: 'Z' })],
    ['no list of superseded tokens', withSession({ superseded: {} })],
  ])('%s', (_, value) => {
    expect(parseRecord(value)).toBeUndefined();
  });

  it.each(['', '{', 'null', '[]', '"x"', JSON.stringify(record).slice(0, -3)])('the text %j', (text) => {
    expect(parseRecordText(text)).toBeUndefined();
  });

  it('no text at all', () => {
    expect(parseRecordText(null)).toBeUndefined();
  });
});

it('mistyped parts that nothing depends on are left out, the session kept', () => {
  const edited = {
    ...(withSession({
      superseded: [null, 5, { generation: 3, refreshToken: 'r3' }, { generation: 'x' }, { generation: 4 }],
    }) as object),
    revision: 'x',
    ended: { sessionId: 's', reason: '<img>' },
    unrevoked: [1, 'r', null],
  };
  const parsed = parseRecord(edited);
  expect(parsed).toMatchObject({ revision: 0, ended: null, unrevoked: ['r'] });
  expect(parsed?.session?.superseded).toEqual([{ generation: 3, refreshToken: 'r3' }]);
  const more = parseRecord({ ...edited, ended: { sessionId: 5, reason: 'user' }, unrevoked: 'r' });
  expect(more).toMatchObject({ ended: null, unrevoked: [] });
});

it('the copy holds no superseded tokens and no queue, and is a record itself', () => {
  const full: SessionRecord = {
    ...record,
    unrevoked: ['secret-1'],
    session: { ...record.session!, superseded: [{ generation: 0, refreshToken: 'secret-2' }] },
  };
  const copy = formatCopy(full);
  expect(copy).not.toContain('secret');
  expect(parseRecordText(copy)?.session).toMatchObject({ accessToken: 'access-0', superseded: [] });
  expect(JSON.parse(copy)).toMatchObject({ unrevoked: [], session: { superseded: [] } });
  expect(parseRecordText(formatCopy({ ...record, session: null }))?.session).toBeNull();
});

const paths = [
  ...Object.keys(record).map((key) => [key]),
  ...Object.keys(record.session!).map((key) => ['session', key]),
];

it('garbage of any shape never throws, neither here nor in the machine that goes on with it', () => {
  fc.assert(
    fc.property(fc.constantFrom(...paths), fc.oneof(fc.jsonValue(), fc.anything()), ([first, second], value) => {
      const edited = structuredClone(record) as unknown as Record<string, Record<string, unknown>>;
      if (second === undefined) (edited as Record<string, unknown>)[first!] = value;
      else edited[first!]![second] = value;
      const parsed = parseRecord(edited);
      const tab = new DrivenTab({ record: parsed }).start().pass(1_000_000);
      tab.wantToken();
      tab.toSend();
      tab.answer({ kind: 'superseded', generation: 3, refresh: undefined });
      tab.read();
      if (parsed) expect(parseRecordText(formatCopy(parsed))).toBeDefined();
    }),
    { numRuns: 500 },
  );
  fc.assert(fc.property(fc.anything(), (value) => void parseRecord(value)));
  fc.assert(fc.property(fc.string(), (text) => void parseRecordText(text)));
  fc.assert(fc.property(fc.json(), (text) => void parseRecordText(text)));
});
