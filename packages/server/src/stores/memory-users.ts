import type { SessionRow } from '../core/session-row.js';
import type { AuditRecord, OneTimeTokenRow, ThrottleCounter, ThrottleStore, UserRow, UserStore } from '../ports.js';

/** What a memory store keeps. */
export interface MemoryTables {
  readonly users: Map<string, UserRow>;
  readonly sessions: Map<string, SessionRow>;
  readonly counters: Map<string, { attempts: number; endsAt: number }>;
  readonly oneTimeTokens: Map<string, OneTimeTokenRow>;
  readonly audit: AuditRecord[];
}

/** Runs one atomic step; JavaScript runs nothing beside it. */
export type Step = <T>(work: () => T) => Promise<T>;

/** Changes a user's row; false if there is none. */
export function changeUser(users: MemoryTables['users'], id: string, change: (user: UserRow) => UserRow): boolean {
  const user = users.get(id);
  if (user) users.set(id, change(user));
  return user !== undefined;
}

/** Users in memory. */
export function memoryUsers({ users }: MemoryTables, step: Step): UserStore {
  const byName = (username: string) => [...users.values()].find((user) => user.username === username);
  const fresh = { epoch: 0, credentialVersion: 0, verifiedEmail: null };
  const replaceText = (column: 'profile' | 'passwordHash', id: string, change: { expected: string; next: string }) =>
    step(
      () =>
        users.get(id)?.[column] === change.expected &&
        changeUser(users, id, (user) => ({ ...user, [column]: change.next })),
    );
  return {
    create: (user) =>
      step(() => {
        if (byName(user.username) || users.has(user.id)) return false;
        users.set(user.id, { ...user, ...fresh });
        return true;
      }),
    findByName: (username) => step(() => byName(username)),
    find: (id) => step(() => users.get(id)),
    mirror: (user) =>
      step(() => {
        const holder = byName(user.username);
        if (holder && holder.id !== user.id) users.set(holder.id, { ...holder, username: `~${holder.id}` });
        const known = users.get(user.id);
        const row = known ? { ...known, username: user.username } : { ...user, ...fresh, passwordHash: null };
        users.set(user.id, row);
        return row;
      }),
    updateProfile: (id, change) => replaceText('profile', id, change),
    rehash: (id, change) => replaceText('passwordHash', id, change),
  };
}

/** Throttle counters in memory. */
export function memoryThrottle({ counters }: MemoryTables, step: Step): ThrottleStore {
  const live = (key: string, now: number) => {
    const counter = counters.get(key);
    return counter && counter.endsAt > now ? counter : undefined;
  };
  return {
    count: (list, now) =>
      step(() => {
        const full = list.filter(({ key, atMost }) => (live(key, now)?.attempts ?? 0) >= atMost);
        const ends = full.map(({ key }) => counters.get(key)?.endsAt ?? now);
        if (ends.length > 0) return Math.max(...ends) as typeof now;
        for (const counter of list) countOne(counters, counter, { now, known: live(counter.key, now) });
        return undefined;
      }),
    forgive: (list, now) =>
      step(() => {
        for (const { key } of list) {
          const counter = live(key, now);
          if (counter && counter.attempts > 0) counter.attempts -= 1;
        }
      }),
  };
}

function countOne(
  counters: MemoryTables['counters'],
  { key, perSeconds }: ThrottleCounter,
  { now, known }: { now: number; known: { attempts: number; endsAt: number } | undefined },
): void {
  if (known) known.attempts += 1;
  else counters.set(key, { attempts: 1, endsAt: now + perSeconds });
}
