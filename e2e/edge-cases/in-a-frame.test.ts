import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { closeEngine } from '../harness/browser.js';
import { obeyParent, openFrame } from '../harness/frames.js';
import { call, pageErrors, refresh, signIn, signOut, signUp, snapshot, untilStatus } from '../harness/lab.js';
import { minutes } from '../harness/lengths-of-time.js';
import { startPageServer } from '../harness/page-server.js';
import { startWorld } from '../harness/world.js';

afterAll(closeEngine);

/** Firefox gives a frame of another site storage that is kept apart; Chromium, by its settings here, denies it any. */
const canStore = (): boolean => {
  try {
    return typeof localStorage === 'object';
  } catch {
    return false;
  }
};

describe('E35: the app in a frame of another site', () => {
  /** A site of somebody else's around the app, and the app by itself in another tab of the same browser. */
  async function embed(preamble: string) {
    const world = await startWorld({ movesTime: true });
    world.page.preamble = obeyParent + preamble;
    const around = await startPageServer('localhost');
    onTestFinished(() => around.close());
    const profile = await world.openProfile();
    const alone = await profile.newTab(world.page.origin);
    await signUp(alone, 'bea');
    const tab = await profile.newTab(around.origin);
    return { world, tab, alone, frame: await openFrame(tab, world.page.origin) };
  }

  test('E35: works, with the storage that the browser gives it there, and says in which tier', async () => {
    const { world, tab, alone, frame } = await embed('');
    await untilStatus(frame, 'signed-out');
    await signUp(frame, 'ada');
    const hasStorage = await frame.evaluate(canStore);
    expect((await snapshot(frame)).tier).toBe(hasStorage ? 'K' : 'memory');
    for (let round = 1; round <= 2; round++) {
      await world.advance(minutes(16));
      expect((await call(frame, `${world.apiUrl}/time`)).status).toBe(200);
    }
    expect(await refresh(frame)).toBeUndefined();
    expect((await snapshot(alone)).user?.username, 'the app by itself is another session').toBe('bea');
    await tab.reload();
    const again = await openFrame(tab, world.page.origin);
    await untilStatus(again, hasStorage ? 'signed-in' : 'signed-out');
    await signIn(again, 'ada');
    await signOut(again);
    await untilStatus(again, 'signed-out');
    expect((await snapshot(alone)).status).toBe('signed-in');
    expect(await pageErrors(again)).toEqual([]);
  });

  test('E35: works in memory where the browser gives it no storage, and says so', async () => {
    const blocked = `if (window !== top) for (const name of ['localStorage', 'sessionStorage', 'indexedDB']) {
      Object.defineProperty(window, name, { get() { throw new DOMException('denied', 'SecurityError') } });
    }`;
    const { world, tab, frame } = await embed(blocked);
    await signUp(frame, 'ada');
    expect((await snapshot(frame)).tier).toBe('memory');
    for (let round = 1; round <= 2; round++) {
      await world.advance(minutes(16));
      expect((await call(frame, `${world.apiUrl}/time`)).status).toBe(200);
    }
    expect(await pageErrors(frame)).toEqual([]);
    await tab.reload();
    await untilStatus(await openFrame(tab, world.page.origin), 'signed-out');
  });
});
