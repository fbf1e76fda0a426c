import { isObject } from '@latchkey/protocol';
import type { SessionRecord, StoredSession } from './session-record.js';

const texts = ['id', 'accessToken', 'refreshToken'] as const;
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
    ended: isObject(ended) && typeof ended['sessionId'] === 'string' ? ended : null,
    unrevoked: Array.isArray(unrevoked) ? unrevoked.filter((token) => typeof token === 'string') : [],
  };
  return record as unknown as SessionRecord;
}

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

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function isSession(value: unknown): value is StoredSession {
  return (
    isObject(value) &&
    texts.every((name) => typeof value[name] === 'string') &&
    numbers.every((name) => Number.isFinite(value[name])) &&
    (value['sessionExpiresAt'] === null || Number.isFinite(value['sessionExpiresAt'])) &&
    (value['user'] === null || (isObject(value['user']) && typeof value['user']['id'] === 'string')) &&
    ['K', 'intent', 'memory'].includes(value['tier'] as string) &&
    Array.isArray(value['superseded'])
  );
}
