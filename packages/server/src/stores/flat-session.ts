import type { SessionRow } from '../core/session-row.js';
import type { AuthorisedSession } from '../ports.js';

/** A session and its user as one flat row. */
export type FlatRow = SessionRow & { readonly username: string; readonly profile: string; readonly epoch: number };

/** Parts a session from its user. */
export function unflatten(row: FlatRow | undefined): AuthorisedSession | undefined {
  if (!row) return undefined;
  const { username, profile, epoch, ...session } = row;
  return { session, user: { id: row.userId, username, profile, epoch } };
}
