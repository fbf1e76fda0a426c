import { epochSeconds, type EpochSeconds } from '@latchkey/protocol';
import { type SessionRow, type UserRow, type UserStore, canonicalUsername } from '@latchkey/server';
import { CommandError } from '../command-error.js';
import { withStore } from '../open-store.js';
import { print, printable } from '../say.js';
import type { StorePlace } from '../settings/check.js';

const now = (): EpochSeconds => epochSeconds(Math.floor(Date.now() / 1000));

async function findUser(users: UserStore, typedName: string): Promise<UserRow> {
  const user = await users.findByName(canonicalUsername(typedName) ?? '');
  if (user) return user;
  throw new CommandError(`There is no user ${printable(typedName)}. User names are compared without regard to case.`);
}

/** Lists a user's living sessions, newest first: a table, or JSON lines. */
export async function listSessions(
  place: StorePlace | undefined,
  typedName: string,
  options: { readonly json: boolean },
): Promise<void> {
  await withStore(place, async ({ sessions, users }) => {
    const user = await findUser(users, typedName);
    const rows = await sessions.listByUser(user.id, now());
    if (options.json) rows.forEach((row) => print(JSON.stringify(describe(row))));
    else if (rows.length === 0) print(`${user.username} is signed in nowhere.`);
    else printTable(rows);
  });
}

const describe = (row: SessionRow): object => ({
  id: row.id,
  created_at: row.createdAt,
  refreshed_at: row.refreshedAt,
  expires_at: Math.min(row.idleExpiresAt, row.absoluteExpiresAt),
  ip: row.ip,
  user_agent: row.userAgent,
});

function printTable(rows: readonly SessionRow[]): void {
  const time = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 16).replace('T', ' ');
  print(
    [
      'session'.padEnd(22),
      'signed in (UTC)'.padEnd(16),
      'last refresh'.padEnd(16),
      'address'.padEnd(15),
      'browser',
    ].join('  '),
  );
  for (const { id, createdAt, refreshedAt, ip, userAgent } of rows) {
    print(
      [
        id.padEnd(22),
        time(createdAt),
        time(refreshedAt),
        printable(ip).padEnd(15),
        printable(userAgent).slice(0, 80),
      ].join('  '),
    );
  }
}

/** Ends sessions by id. @throws CommandError naming those that are not there */
export async function revokeSessions(place: StorePlace | undefined, ids: readonly string[]): Promise<void> {
  await withStore(place, async ({ sessions }) => {
    const missing: string[] = [];
    let ended = 0;
    for (const sessionId of ids) {
      if (!(await sessions.find(sessionId))) missing.push(printable(sessionId));
      else if (await sessions.revoke({ sessionId, reason: 'ended_by_operator', now: now() })) ended++;
    }
    report(ended);
    if (missing.length > 0) {
      throw new CommandError(`There is no session ${missing.join(', ')}. See \`latchkey sessions list NAME\`.`);
    }
  });
}

/** Ends all sessions of a user. */
export async function revokeAllSessions(place: StorePlace | undefined, typedName: string): Promise<void> {
  await withStore(place, async ({ sessions, users }) => {
    const user = await findUser(users, typedName);
    report(await sessions.revokeAll(user.id, 'ended_by_operator', now()));
  });
}

function report(ended: number): void {
  const sessions = ended === 1 ? '1 session' : `${ended} sessions`;
  print(`Ended ${sessions}.${ended > 0 ? ' Access tokens already given out work until they expire.' : ''}`);
}
