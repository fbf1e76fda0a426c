import { describe, expect, it } from 'vitest';
import {
  type Tab,
  type World,
  hour,
  inTime,
  minute,
  noNetwork,
  openWorld,
  pass,
  settled,
  signedIn,
} from '../testing/session-world.fixture.js';

const second = 1000;
const day = 24 * hour;

/** An app that is used once a minute for so long, and always gets a token. */
async function used(world: World, { session }: Tab, duration: number): Promise<void> {
  for (let passed = 0; passed < duration; passed += minute) {
    await pass(world, minute);
    expect(await inTime(world, session.accessToken())).toBeTruthy();
  }
}

/** Refreshes that three hours of fifteen-minute tokens need. */
const needed = 15;

describe('E21: a clock that is wrong', { timeout: 20_000 }, () => {
  const amounts = [hour, -hour, day, -day];

  it.each(amounts)('E21: by %d ms from the beginning, changes nothing', async (by) => {
    const world = openWorld();
    world.clock.step(by);
    const [tab] = (await signedIn(world, 1)) as [Tab];
    await used(world, tab, 3 * hour);
    expect([world.refreshes(), tab.signedOut]).toEqual([needed, []]);
  });

  it.each(amounts)('E21: that jumps by %d ms, costs one more refresh at worst', async (by) => {
    const world = openWorld();
    const [tab] = (await signedIn(world, 1)) as [Tab];
    await used(world, tab, hour);
    world.clock.step(by);
    await used(world, tab, 2 * hour);
    expect(world.refreshes()).toBeGreaterThanOrEqual(needed - 1);
    expect(world.refreshes()).toBeLessThanOrEqual(needed + 1);
    expect(tab.signedOut).toEqual([]);
  });

  it.each([hour, day])(
    'E21: that jumps by %d ms and back each minute, costs one refresh a jump at worst',
    async (by) => {
      const world = openWorld();
      const tabs = (await signedIn(world, 3)) as [Tab, Tab, Tab];
      for (let jumps = 0; jumps < 60; jumps += 1) {
        world.clock.step(jumps % 2 === 0 ? by : -by);
        await used(world, tabs[jumps % 3]!, minute);
      }
      expect(world.refreshes()).toBeLessThanOrEqual(60);
      expect(tabs.flatMap(({ signedOut }) => signedOut)).toEqual([]);
    },
  );

  it('E21: that loses almost a second each minute, costs nothing', async () => {
    const world = openWorld();
    const [tab] = (await signedIn(world, 1)) as [Tab];
    for (let minutes = 0; minutes < 180; minutes += 1) {
      world.clock.step(-900);
      await used(world, tab, minute);
    }
    expect(world.refreshes()).toBeLessThanOrEqual(needed);
    expect(tab.signedOut).toEqual([]);
  });
});

describe('E22: a computer that slept for eight hours, and whose network comes 10 s after it', () => {
  /** `frozen`: the clock of the page went on, and its timers are late. `stopped`: it stood still, and they are not due. */
  async function sleep(world: World, { door }: Tab, page: 'frozen' | 'stopped'): Promise<void> {
    if (page === 'frozen') {
      door.freezeAfter(0);
      await pass(world, 8 * hour);
      await door.thaw();
      return;
    }
    world.slept += 8 * hour;
    world.clock.step(8 * hour);
  }

  it.each([
    ['frozen', []],
    ['frozen', ['awake']],
    ['frozen', ['awake', 'online']],
    ['stopped', []],
    ['stopped', ['awake']],
    ['stopped', ['awake', 'online']],
  ] as const)('E22: works again without a reload: the page %s, told %j', async (page, told) => {
    const world = openWorld();
    const [tab] = (await signedIn(world, 1)) as [Tab];
    await pass(world, 5 * minute);
    world.way = () => Promise.resolve(noNetwork);
    await sleep(world, tab, page);
    if (told.includes('awake' as never)) tab.hear('awake');
    const early = inTime(world, tab.session.accessToken()).catch((error: unknown) => error);
    await pass(world, 10 * second);
    expect(await early).toMatchObject({ kind: 'transient', code: 'ERR_NETWORK' });
    expect(tab.session.snapshot()).toMatchObject({ status: 'signed-in', online: false });
    const refused = world.refreshes();
    expect(refused).toBeLessThan(6);
    world.way = (_, go) => go();
    const isTold = told.includes('online' as never);
    if (isTold) tab.hear('online');
    await settled(world);
    // By itself when the browser says that the network is back; else with the back-off that requests ask for.
    expect(world.refreshes() - refused).toBe(isTold ? 1 : 0);
    if (!isTold) await pass(world, 5 * second);
    expect(await tab.session.accessToken()).toBeTruthy();
    expect(tab.session.snapshot()).toMatchObject({ status: 'signed-in', online: true });
    expect([world.refreshes() - refused, tab.signedOut]).toEqual([1, []]);
  });
});
