import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memoryStore, storeContract } from '../testing/index.js';
import { openSqliteStore } from './sqlite.js';

let folder: string;
let files = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-stores-'));
});
afterAll(() => rm(folder, { recursive: true }));

const nextPath = () => join(folder, `${String((files += 1))}.db`);

storeContract('memory', () => Promise.resolve(memoryStore()), { describe, it });
storeContract(
  'sqlite',
  async () => {
    const store = openSqliteStore({ path: nextPath() });
    await store.migrate();
    return store;
  },
  { describe, it },
);

describe('sqlite', () => {
  it('migrates once, however often and by however many it is asked', async () => {
    const path = nextPath();
    const stores = [openSqliteStore({ path }), openSqliteStore({ path }), openSqliteStore({ path })];
    const results = await Promise.all(stores.map((store) => store.migrate()));
    expect(results.flatMap(({ applied }) => applied)).toEqual(['0001-users-and-sessions']);
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
