import { type SessionRecord, applyChange } from './session-record.js';

/**
 * Takes over from the copy in localStorage what only a tab without IndexedDB can have done, since every other tab changes
 * the record first: a sign-out of the record's session, and a sign-in or refresh in the tier without a profile key. All
 * else in a copy may be old, or edited, and is ignored. Gives the record itself when there is no such news.
 * @see client.md, "Tabs"
 */
export function withNews(record: SessionRecord, copy: SessionRecord | undefined): SessionRecord {
  if (copy?.endpoint !== record.endpoint) return record;
  const { session, ended } = copy;
  if (!session) {
    // Safe however old it is: a session that was ended never comes back, and the next one has another id.
    const { sessionId, reason } = ended ?? { sessionId: '', reason: 'elsewhere' };
    return applyChange(record, { kind: 'signed-out', sessionId, reason, revoke: true }).record ?? record;
  }
  if (session.tier !== 'intent' || !isAhead(copy, record)) return record;
  const unrevoked = [...new Set([...record.unrevoked, ...copy.unrevoked])];
  return { ...copy, unrevoked, revision: Math.max(record.revision, copy.revision) + 1 };
}

function isAhead({ epoch, session }: SessionRecord, record: SessionRecord): boolean {
  if (epoch !== record.epoch) return epoch > record.epoch;
  return session?.id === record.session?.id && (session?.generation ?? 0) > (record.session?.generation ?? 0);
}

/** Gives the newer of two records: by epoch first, so that a sign-out is never older than a refresh. */
export function newestOf(one: SessionRecord | undefined, other: SessionRecord | undefined): SessionRecord | undefined {
  if (!one || !other) return one ?? other;
  return (one.epoch - other.epoch || one.revision - other.revision) > 0 ? one : other;
}
