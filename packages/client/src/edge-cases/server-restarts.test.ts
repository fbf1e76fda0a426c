import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type SqliteStore, openSqliteStore } from '@latchkey/server/sqlite';
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  type Tab,
  api,
  minute,
  noNetwork,
  openWorld,
  pass,
  refreshed,
  settled,
  signedIn,
  tokens,
} from '../testing/session-world.fixture.js';

let folder: string;
let store: SqliteStore;
const current = (): string => join(folder, 'current');

async function openStore(): Promise<void> {
  store = openSqliteStore({ path: join(current(), 'latchkey.db') });
  await store.migrate();
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-restart-'));
  mkdirSync(current());
  await openStore();
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

/** The files as they lie there, as a standby that lags behind has them. */
function copyOfDatabase(): string {
  const copy = join(folder, `copy-${readdirSync(folder).length}`);
  cpSync(current(), copy, { recursive: true });
  return copy;
}

/** Ends the server's store and opens it again, with these files if there are any. */
async function reopen(copy: string | undefined): Promise<void> {
  await store.close();
  if (copy) {
    rmSync(current(), { recursive: true });
    mkdirSync(current());
    for (const name of readdirSync(copy)) copyFileSync(join(copy, name), join(current(), name));
  }
  await openStore();
}

const moments = ['before the request arrives', 'before the answer is sent'] as const;
const losses = [0, 1, 2, 5, 8];

it.each(moments.flatMap((moment) => losses.map((lost) => [moment, lost] as const)))(
  'E39: a server that dies %s, and comes back without its last %i rotations: still signed in, and it rotates on',
  async (moment, lost) => {
    const world = openWorld({ store });
    const [tab, other] = (await signedIn(world, 2)) as [Tab, Tab];
    await refreshed(world, tab);
    const standby = lost > 0 ? copyOfDatabase() : undefined;
    const early = moment === 'before the request arrives';
    // Where the one under way is written, it is the last that is lost.
    for (let count = early ? 0 : 1; count < lost; count += 1) await refreshed(world, count % 2 ? tab : other);
    let dead = false;
    world.way = async (_, go) => {
      if (!dead && !early) await go();
      dead = true;
      return noNetwork;
    };
    await pass(world, 12 * minute);
    await reopen(standby);
    world.restart(store);
    world.way = (_, go) => go();
    await pass(world, minute);
    expect((await tokens([tab, other])).size).toBe(1);
    expect([tab, other].map(({ session }) => session.snapshot().status)).toEqual(['signed-in', 'signed-in']);
    const { generation } = world.storage.record()!.session!;
    for (let count = 0; count < 3; count += 1) await refreshed(world, count % 2 ? tab : other);
    expect(world.storage.record()?.session?.generation).toBe(generation + 3);
    expect([tab.signedOut, other.signedOut]).toEqual([[], []]);
    const { refreshToken } = world.storage.record()!.session!;
    await tab.session.signOut();
    await settled(world);
    const answer = await world.pass({ method: 'POST', url: `${api}/auth/refresh`, body: { refresh: refreshToken } });
    expect(answer.body).toMatchObject({ error: 'invalid_grant' });
  },
);
