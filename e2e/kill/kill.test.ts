import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { buildCommand, cleanUp } from '../../packages/cli/src/command.fixture.js';
import { type Database, sqliteDatabase } from './harness/databases.js';
import { drawFrom, planKills } from './harness/moments.js';
import { postgresDatabase } from './harness/postgres-database.js';
import { note, printNotes } from './harness/report.js';
import { Scene, type Victim } from './harness/scene.js';

const people = 50;
const rotations = Number(process.env['LATCHKEY_KILL_ROTATIONS'] ?? 2000);
/** A longer run has as many kills for its length. */
const share = rotations / 2000;
const timeout = 180_000 * Math.max(1, share);
const seed = process.env['LATCHKEY_KILL_SEED'] ?? randomBytes(4).toString('hex');

const times = (victim: Victim, count: number): Victim[] =>
  Array.from({ length: Math.ceil(count * share) }, () => victim);
const stores: { name: string; make: () => Promise<Database>; victims: Victim[] }[] = [
  { name: 'SQLite', make: sqliteDatabase, victims: times('token server', 20) },
  {
    name: 'PostgreSQL',
    make: postgresDatabase,
    victims: [...times('token server', 7), ...times('database', 7), ...times('both', 7)],
  },
];

let scene: Scene | undefined;
beforeAll(buildCommand);
afterEach(async () => {
  await scene?.close();
  scene = undefined;
});
afterAll(() => {
  cleanUp();
  printNotes();
});

describe.each(stores)('killed on purpose: $name', { timeout }, ({ make, victims }) => {
  it('R10: killed around commit, again and again: nobody is out and nothing acknowledged is lost', async () => {
    scene = await Scene.open(await make(), people);
    const { clients, kills } = scene;
    await scene.storm(planKills(drawFrom(seed), { victims, rotations }), rotations);
    const last = clients.map(({ acknowledged }) => acknowledged.at(-1)!.generation);
    const lastRefreshes = await scene.allRefresh();
    await scene.server.kill();
    await note(scene, { what: 'kills', seed });

    expect(scene.clientsOut()).toBe(0);
    expect(lastRefreshes).toEqual(Array(people).fill(true));
    const rows = await scene.generations();
    expect(rows).toEqual(last.map((generation) => generation + 1));
    expect(kills.lost).toBe(0);
    for (const { acknowledged } of clients) {
      expect(acknowledged.map(({ generation }) => generation)).toEqual([...acknowledged.keys()]);
    }
    expect(scene.answers()).toMatchObject({ stale: 0, behind: 0, other: 0 });
    // Else the kills met nobody, and this has shown nothing.
    expect(scene.rotations.count).toBeGreaterThanOrEqual(rotations);
    expect(kills.unwritten).toBeGreaterThan(0);
    expect(kills.writtenUnanswered).toBeGreaterThan(0);
    expect(scene.server.outcomes.get('repeat')).toBeGreaterThan(0);
  });

  it('store down: every refresh is 503, and nothing is lost', async () => {
    scene = await Scene.open(await make(), 10);
    expect(await scene.allRefresh()).toEqual(Array(10).fill(true));
    const mend = await scene.database.breakDown();
    expect(await scene.allRefresh()).toEqual(Array(10).fill(false));
    await mend();
    expect(await scene.allRefresh()).toEqual(Array(10).fill(true));
    await scene.server.kill();
    await note(scene, { what: 'store down', seed });
    expect(scene.clientsOut()).toBe(0);
    expect(await scene.generations()).toEqual(Array(10).fill(2));
    expect(scene.answers()).toEqual({ granted: 20, unavailable: 10, stale: 0, behind: 0, none: 0, other: 0 });
  });

  it('a standby without the last writes takes over: nobody is out, and all walk up again', async () => {
    scene = await Scene.open(await make(), people);
    const { clients, server } = scene;
    const draw = drawFrom(seed);
    await scene.refreshSome(draw, 1);
    const standby = await scene.database.follow();
    // With those after the cut not more than the 8 tokens that a client keeps.
    await scene.refreshSome(draw, 2);
    await standby.cutOff();
    await scene.refreshSome(draw, 6);
    const before = clients.map(({ acknowledged }) => [...acknowledged]);
    await scene.kill('both');
    await scene.failOver(standby);
    const lost = (await scene.generations()).map((row, index) => before[index]!.at(-1)!.generation - row);
    scene.kills.lost = lost.reduce((sum, one) => sum + one, 0);

    const walks = await Promise.all(
      clients.map(async (client, index) => {
        const granted: boolean[] = [];
        while (granted.length <= lost[index]!) granted.push(await client.refresh());
        return granted;
      }),
    );
    await server.kill();
    await note(scene, { what: 'failover', seed });
    expect(scene.clientsOut()).toBe(0);
    expect(walks.flat()).not.toContain(false);
    clients.forEach(({ acknowledged }, index) => {
      const again = acknowledged.slice(before[index]!.length, -1);
      expect(again).toEqual(before[index]!.slice(before[index]!.length - again.length));
      expect(again).toHaveLength(lost[index]!);
      expect(acknowledged.at(-1)!.generation).toBe(before[index]!.at(-1)!.generation + 1);
    });
    // Else nothing was lost, and this has shown nothing.
    expect(Math.min(...lost)).toBeGreaterThan(0);
    expect(scene.answers()).toMatchObject({ behind: people, stale: 0, other: 0 });
  });
});

describe('killed on purpose: PostgreSQL with a synchronous standby', { timeout }, () => {
  it('takes over with everything that was acknowledged', async () => {
    const database = await postgresDatabase();
    scene = await Scene.open(database, people);
    const { clients, kills, server } = scene;
    const standby = await database.followInStep();
    const [kill] = planKills(drawFrom(seed), { victims: ['both'], rotations: people * 10 });
    await scene.through(kill!, () => scene!.failOver(standby));
    const refreshed = await scene.allRefresh();
    await server.kill();
    await note(scene, { what: 'synchronous standby', seed });
    expect(scene.clientsOut()).toBe(0);
    expect(kills.lost).toBe(0);
    expect(refreshed).toEqual(Array(people).fill(true));
    expect(scene.answers()).toMatchObject({ stale: 0, behind: 0, other: 0 });
    expect(await scene.generations()).toEqual(clients.map(({ acknowledged }) => acknowledged.length - 1));
  });
});
