import { afterAll, expect, test } from 'vitest';
import { closeEngine, type Tab } from '../harness/browser.js';
import { otherCopy, startOther } from '../harness/copies.js';
import {
  accessToken,
  call,
  pageErrors,
  refresh,
  signedOutReasons,
  signIn,
  signOut,
  signUp,
  snapshot,
  untilStatus,
} from '../harness/lab.js';
import { minutes } from '../harness/lengths-of-time.js';
import { until } from '../harness/until.js';
import { startWorld } from '../harness/world.js';

afterAll(closeEngine);

/** The library as it may be in a year: its records say more, in every place where a record can. */
const versionToCome = (): string =>
  otherCopy((script) => {
    const places: [RegExp, string][] = [
      [/version: 1,(?=\s+revision: )/g, 'version: 1, shade: "teal",'],
      [/superseded: \[\](?=\s+\};)/g, 'superseded: [], scope: ["orders"]'],
    ];
    return places.reduce((edited, [place, more]) => {
      if (!place.test(edited)) throw new Error(`The library has changed: there is no ${place.source} in it.`);
      return edited.replaceAll(place, more);
    }, script);
  });

/** The record that decides, as it lies in IndexedDB. */
const recordOf = (tab: Tab): Promise<unknown> =>
  tab.evaluate(
    () =>
      new Promise((resolve, reject) => {
        const opening = indexedDB.open('latchkey');
        opening.onerror = () => reject(new Error('There is no database.'));
        opening.onsuccess = () => {
          const reading = opening.result.transaction('records').objectStore('records').get('default');
          reading.onsuccess = () => {
            opening.result.close();
            resolve(reading.result);
          };
        };
      }),
  );

test('E28: two versions of the library in two tabs use one session, and what only one of them knows survives', async () => {
  const world = await startWorld({ movesTime: true });
  const profile = await world.openProfile();
  const ours = await profile.newTab(world.page.origin);
  const options = world.page.options!;
  Object.assign(world.page, { options: undefined, preamble: versionToCome() });
  const theirs = await profile.newTab(world.page.origin);
  await startOther(theirs, options);
  const more = { shade: 'teal', session: { scope: ['orders'] } };

  await signUp(theirs);
  await untilStatus(ours, 'signed-in');
  for (const [round, tab] of [ours, theirs, ours].entries()) {
    await world.advance(minutes(1));
    expect(await refresh(tab)).toBeUndefined();
    expect(await recordOf(tab)).toMatchObject({ ...more, session: { ...more.session, generation: round + 1 } });
    expect(JSON.parse(await copyOf(tab))).toMatchObject(more);
    for (const one of [ours, theirs]) expect((await call(one, `${world.apiUrl}/time`)).status).toBe(200);
    expect(await accessToken(ours)).toBe(await accessToken(theirs));
  }
  await signOut(ours);
  await untilStatus(theirs, 'signed-out');
  await signIn(ours);
  await untilStatus(theirs, 'signed-in');
  expect(await recordOf(ours)).toMatchObject({ shade: 'teal' });
  for (const tab of [ours, theirs]) expect(await pageErrors(tab)).toEqual([]);
});

const copyOf = (tab: Tab): Promise<string> => tab.evaluate(() => localStorage.getItem('latchkey.default') ?? '{}');

test('E28: a version to come has rebuilt the database: this one loses nothing, and a reload brings both together', async () => {
  const world = await startWorld({ movesTime: true });
  const profile = await world.openProfile();
  const ours = await profile.newTab(world.page.origin);
  await signUp(ours);
  const options = world.page.options!;
  world.page.options = undefined;
  const theirs = await profile.newTab(world.page.origin);
  await theirs.evaluate(
    () =>
      new Promise<void>((resolve) => {
        const opening = indexedDB.open('latchkey', 2);
        opening.onupgradeneeded = () => opening.result.createObjectStore('history');
        opening.onsuccess = () => {
          opening.result.close();
          resolve();
        };
      }),
  );
  await world.advance(minutes(1));
  expect((await call(ours, `${world.apiUrl}/time`)).status).toBe(200);
  expect((await snapshot(ours)).status).toBe('signed-in');
  await signOut(ours);
  world.page.options = options;
  await theirs.reload();
  await untilStatus(theirs, 'signed-out');
  await until(() => world.proxy.answered(/^POST \/auth\/sign-out/) > 0, { what: 'the server is told' });
  expect(await signedOutReasons(ours)).toEqual(['user']);
  expect(await pageErrors(ours)).toEqual([]);
});
