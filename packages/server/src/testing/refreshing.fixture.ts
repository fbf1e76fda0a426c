import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, onTestFinished } from 'vitest';
import type { AuditRecord, SessionStore, Store } from '../ports.js';
import { openPostgresStore } from '../stores/postgres.js';
import { openSqliteStore } from '../stores/sqlite.js';
import { type ThrowawayPostgres, throwawayPostgres } from './index.js';
import { type Reply, type TestServer, keyOf } from './open-test-server.fixture.js';

/** Opens an empty database of the suite's kind; it is closed when the test has finished. */
export type OpenStore = () => Promise<Store>;

/** Each write waits for a disk, which others may keep busy. */
const slow = { timeout: 60_000 };

/** Runs a suite once on each database that the server has a store for. */
export function onEachDatabase(title: string, suite: (open: OpenStore) => void): void {
  describe(`${title} (SQLite)`, slow, () => suite(openSqlite));
  describe(`${title} (PostgreSQL)`, slow, () => {
    let postgres: ThrowawayPostgres;
    beforeAll(async () => {
      postgres = await throwawayPostgres();
    }, 60_000);
    afterAll(() => postgres.stop(), 60_000);
    suite(async () => {
      const store = openPostgresStore({ url: await postgres.createDatabase() });
      await store.migrate();
      onTestFinished(() => store.close());
      return store;
    });
  });
}

async function openSqlite(): Promise<Store> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-refreshing-'));
  const store = openSqliteStore({ path: join(folder, 'test.db') });
  await store.migrate();
  onTestFinished(async () => {
    await store.close();
    await rm(folder, { recursive: true });
  });
  return store;
}

/** A store whose session methods a test replaces; the rest goes to the real one. */
export const withSessions = (store: Store, changes: Partial<SessionStore>): Store => ({
  ...store,
  sessions: { ...store.sessions, ...changes },
});

/** A store, and the audit lines that revocations have written into it. */
export function withAudit(store: Store): { store: Store; audit: AuditRecord[] } {
  const audit: AuditRecord[] = [];
  const revoke: SessionStore['revoke'] = async (revocation) => {
    const isDone = await store.sessions.revoke(revocation);
    if (isDone && revocation.audit) audit.push(revocation.audit);
    return isDone;
  };
  return { store: withSessions(store, { revoke }), audit };
}

/** Refreshes with an idempotency key that a test can name. */
export const refreshWith = (server: TestServer, refresh: string, key = 'owner'): Promise<Reply> =>
  server.post('/refresh', { refresh }, { key: keyOf(key) });

/** Asks for the user with an access token. */
export const me = (server: TestServer, access: string): Promise<Reply> =>
  server.send('/auth/me', { headers: { Authorization: `Bearer ${access}` } });

/** Refreshes as an owner does, each time with the newest token; gives all of them, oldest first. */
export async function rotateTimes(server: TestServer, refresh: string, times: number): Promise<string[]> {
  const tokens = [refresh];
  for (let step = 0; step < times; step += 1) {
    const { status, body } = await refreshWith(server, tokens[step] ?? '');
    if (status !== 200) throw new Error(`Refresh ${String(step)} answered ${String(status)}.`);
    tokens.push(body.refresh);
  }
  return tokens;
}

/** A place where the next one to come, once it is shut, is held up until it is opened; all others pass. */
export function gated() {
  let isShut = false;
  let release: () => void = () => undefined;
  let arrive: () => void = () => undefined;
  let arrived = Promise.resolve();
  return {
    async wait(): Promise<void> {
      if (!isShut) return;
      isShut = false;
      arrive();
      await new Promise<void>((resolve) => (release = resolve));
    },
    reached: () => arrived,
    shut(): void {
      isShut = true;
      arrived = new Promise((resolve) => (arrive = resolve));
    },
    open: () => release(),
  };
}
