import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EpochSeconds } from '@latchkey/protocol';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSqliteStore } from './sqlite.js';

let folder: string;
let files = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-stores-'));
});
afterAll(() => rm(folder, { recursive: true }));

const nextPath = () => join(folder, `${String((files += 1))}.db`);

describe('sqlite', () => {
  it('migrates once, however often and by however many it is asked', async () => {
    const path = nextPath();
    const stores = [openSqliteStore({ path }), openSqliteStore({ path }), openSqliteStore({ path })];
    const results = await Promise.all(stores.map((store) => store.migrate()));
    expect(results.flatMap(({ applied }) => applied)).toEqual(['0001-users-and-sessions', '0002-one-time-tokens']);
    await expect(stores[0]!.migrate()).resolves.toEqual({ applied: [] });
    await Promise.all(stores.map((store) => store.close()));
  });

  it('keeps its file from other accounts of the machine', async () => {
    const path = nextPath();
    const store = openSqliteStore({ path });
    await store.migrate();
    for (const suffix of ['', '-wal']) expect((await stat(path + suffix)).mode & 0o777).toBe(0o600);
    await store.close();
  });

  it('is not ready before it is migrated, and says what to do', async () => {
    const store = openSqliteStore({ path: nextPath() });
    await expect(store.ready()).rejects.toThrow(/latchkey migrate/);
    await store.migrate();
    await expect(store.ready()).resolves.toBeUndefined();
    await store.close();
  });

  it('refuses to start on the database of a newer version, and goes on where it runs already', async () => {
    const path = nextPath();
    const running = openSqliteStore({ path });
    await running.migrate();
    await running.ready();
    const newer = new Database(path);
    newer.exec("INSERT INTO latchkey_migrations VALUES ('0099-later')");
    newer.close();
    const late = openSqliteStore({ path });
    await expect(late.ready()).rejects.toThrow(/newer Latchkey: it has 0099-later. Start that version/);
    await expect(late.migrate()).rejects.toThrow(/newer Latchkey/);
    await expect(running.ready()).resolves.toBeUndefined();
    await Promise.all([running.close(), late.close()]);
  });

  it('answers a write only when another connection sees it, however many share its turn', async () => {
    const path = nextPath();
    const [store, other] = [openSqliteStore({ path }), openSqliteStore({ path })];
    await store.migrate();
    const user = (id: string) => ({ id, username: id, passwordHash: null, profile: '{}', createdAt: 1 as never });
    const seen = Array.from({ length: 20 }, async (_, index) => {
      const id = String(index);
      await store.users.create(user(id));
      return (await other.users.find(id))?.id === id;
    });
    expect(await Promise.all(seen)).toEqual(seen.map(() => true));
    await Promise.all([store.close(), other.close()]);
  });

  it('makes no revocation whose audit line it cannot write', async () => {
    const store = openSqliteStore({ path: nextPath() });
    await store.migrate();
    const now = 1 as EpochSeconds;
    await store.users.create({ id: 'u', username: 'u', passwordHash: null, profile: '{}', createdAt: now });
    const row = { id: 's', userId: 'u', tokenHash: 'h', keyId: 1, createdAt: now, userAgent: '', ip: '', label: null };
    const ends = { idleExpiresAt: 9 as EpochSeconds, absoluteExpiresAt: 9 as EpochSeconds };
    await store.sessions.create({ ...row, ...ends }, { credentialVersion: 0 });
    const audit = { id: 'a', at: now, type: 't', userId: 'u', sessionId: 's', requestId: 'r', details: null as never };
    const revoking = store.sessions.revoke({ sessionId: 's', reason: 'refresh_reused', now, audit });
    await expect(revoking).rejects.toMatchObject({ code: 'SQLITE_CONSTRAINT_NOTNULL' });
    expect((await store.sessions.find('s'))?.session.revokedAt).toBeNull();
    await store.close();
  });

  it('lets no write of one turn suffer for another that breaks a rule of the schema', async () => {
    const store = openSqliteStore({ path: nextPath() });
    await store.migrate();
    const user = (id: string) => ({ id, username: id, passwordHash: null, profile: '{}', createdAt: 1 as never });
    const broken = { ...user('b'), profile: null as unknown as string };
    const results = await Promise.allSettled([user('a'), broken, user('c')].map((row) => store.users.create(row)));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect([await store.users.find('a'), await store.users.find('c')].map((row) => row?.id)).toEqual(['a', 'c']);
    await store.close();
  });

  it('calls a closed database an outage', async () => {
    const store = openSqliteStore({ path: nextPath() });
    await store.migrate();
    await store.sessions.find('x');
    await store.close();
    await expect(store.sessions.find('x')).rejects.toMatchObject({ name: 'StoreUnavailableError' });
    await expect(
      store.sessions.revoke({ sessionId: 'x', reason: 'signed_out', now: 1 as never }),
    ).rejects.toMatchObject({ name: 'StoreUnavailableError' });
  });

  it('calls a path where no file can be an outage', () => {
    expect(() => openSqliteStore({ path: join(folder, 'no', 'such', 'folder.db') })).toThrow(
      expect.objectContaining({ name: 'StoreUnavailableError' }),
    );
  });
});
