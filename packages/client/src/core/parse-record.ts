import { isObject } from '@latchkey/protocol';
import type { SessionRecord, SignedOutReason, StoredSession } from './session-record.js';

const tokens = ['accessToken', 'refreshToken'] as const;
const numbers = ['generation', 'refreshedAt', 'usableFrom', 'accessExpiresAt'] as const;

/**
 * Checks what storage holds before anything trusts it; `undefined` for anything but a record: scripts, people, crashes
 * and other versions write there too. Fields that are not known here are kept.
 */
export function parseRecord(value: unknown): SessionRecord | undefined {
  if (!isObject(value) || value['version'] !== 1) return undefined;
  const { epoch, endpoint, session, ended } = value;
  if (!isCount(epoch) || typeof endpoint !== 'string') return undefined;
  if (session !== null && !isSession(session)) return undefined;
  const { revision, unrevoked } = value;
  const record = {
    ...value,
    revision: isCount(revision) ? revision : 0,
    session: session && { ...session, superseded: (session.superseded as readonly unknown[]).filter(isSuperseded) },
    ended: isTombstone(ended) ? ended : null,
    unrevoked: Array.isArray(unrevoked) ? unrevoked.filter((token) => typeof token === 'string') : [],
  };
  return record as unknown as SessionRecord;
}

const reasons: readonly unknown[] = [
  'user',
  'elsewhere',
  'refused',
  'expired',
  'inactive',
  'key_lost',
] satisfies SignedOutReason[];

const isTombstone = (value: unknown): boolean =>
  isObject(value) && typeof value['sessionId'] === 'string' && reasons.includes(value['reason']);

const isSuperseded = (value: unknown): boolean =>
  isObject(value) && Number.isFinite(value['generation']) && typeof value['refreshToken'] === 'string';

/** Reads the text of the copy in localStorage. */
export function parseRecordText(text: string | null): SessionRecord | undefined {
  if (text === null) return undefined;
  try {
    return parseRecord(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** The copy for first paint, other tabs and old readers: without what only the record that decides needs. */
export function formatCopy(record: SessionRecord): string {
  const session = record.session && { ...record.session, superseded: [] };
  return JSON.stringify({ ...record, session, unrevoked: [] });
}

/** Visible ASCII, or none: anything else cannot stand in a header, and the app's own request would throw. */
const isTokenText = (value: unknown): boolean => typeof value === 'string' && /^[\x21-\x7e]*$/.test(value);

const isUser = (value: unknown): boolean =>
  isObject(value) && typeof value['id'] === 'string' && typeof value['username'] === 'string';

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function isSession(value: unknown): value is StoredSession {
  return (
    isObject(value) &&
    typeof value['id'] === 'string' &&
    tokens.every((name) => isTokenText(value[name])) &&
    numbers.every((name) => Number.isFinite(value[name])) &&
    (value['sessionExpiresAt'] === null || Number.isFinite(value['sessionExpiresAt'])) &&
    (value['user'] === null || isUser(value['user'])) &&
    ['K', 'intent', 'memory'].includes(value['tier'] as string) &&
    Array.isArray(value['superseded'])
  );
}
