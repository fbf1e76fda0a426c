import { afterAll, expect, test } from 'vitest';
import { closeEngine, type Tab } from '../harness/browser.js';
import {
  accessToken,
  call,
  pageErrors,
  refresh,
  signUp,
  snapshot,
  storedCharacters,
  untilStatus,
} from '../harness/lab.js';
import { minutes } from '../harness/lengths-of-time.js';
import { noisePicture, sideOf } from '../harness/noise-picture.js';
import { until } from '../harness/until.js';
import { startWorld } from '../harness/world.js';

afterAll(closeEngine);

const kilobytes = (count: number) => count * 1024;

/** Fills localStorage to the last character. */
const fillStorage = (tab: Tab) =>
  tab.evaluate(() => {
    for (let size = 4_000_000, at = 0; size >= 1; at++) {
      try {
        localStorage.setItem(`app-data-${at}`, 'x'.repeat(size));
      } catch {
        size = Math.floor(size / 2);
      }
    }
  });

test('M9: a full localStorage never loses the session, in no tab, and never throws into the app', async () => {
  const world = await startWorld({ movesTime: true });
  const profile = await world.openProfile();
  const tabs = await Promise.all([1, 2].map(() => profile.newTab(world.page.origin)));
  await signUp(tabs[0]!);
  await untilStatus(tabs[1]!, 'signed-in');
  const old = await accessToken(tabs[0]!);

  await fillStorage(tabs[0]!);
  const about = 'The record grows, and so does not fit where it lay before. '.repeat(20);
  await tabs[0]!.evaluate((text) => window.lab.session.updateUser({ profile: { about: text } }), about);
  await world.advance(minutes(1));
  expect(await refresh(tabs[0]!)).toBeUndefined();
  for (const tab of tabs) {
    await until(async () => (await accessToken(tab)) !== old, { what: 'the tab has the new token' });
    expect((await call(tab, `${world.apiUrl}/time`)).status).toBe(200);
  }
  await world.advance(minutes(16));
  for (const tab of tabs) expect((await call(tab, `${world.apiUrl}/time`)).status).toBe(200);

  expect(await tabs[0]!.evaluate(() => window.lab.session.explain().map(({ type }) => type))).toContain('storage_full');
  await tabs[1]!.reload();
  await untilStatus(tabs[1]!, 'signed-in');
  expect((await call(tabs[1]!, `${world.apiUrl}/time`)).status).toBe(200);
  expect(await storedCharacters(tabs[1]!), "nothing of the app's was evicted").toBeGreaterThan(5_000_000);
  for (const tab of tabs) expect(await pageErrors(tab)).toEqual([]);
});

test('M9: signing in works while localStorage is full', async () => {
  const world = await startWorld();
  const profile = await world.openProfile();
  const tab = await profile.newTab(world.page.origin);
  await fillStorage(tab);
  await signUp(tab);
  expect((await call(tab, `${world.apiUrl}/time`)).status).toBe(200);
  const other = await profile.newTab(world.page.origin);
  await untilStatus(other, 'signed-in');
  expect(await pageErrors(tab)).toEqual([]);
});

test('M9: what Latchkey keeps stays small, after many refreshes too', async () => {
  const world = await startWorld({ movesTime: true });
  const tab = await (await world.openProfile()).newTab(world.page.origin);
  await signUp(tab, 'ada', { name: 'Ada' });
  const fresh = await storedCharacters(tab);
  expect(fresh).toBeGreaterThan(0);
  for (let round = 0; round < 12; round++) {
    await world.advance(minutes(1));
    expect(await refresh(tab)).toBeUndefined();
  }
  expect(await storedCharacters(tab)).toBeLessThan(kilobytes(4));
});

/** The code and message of the error that changing the profile to this ends in. */
const profileError = (tab: Tab, make: 'blob' | 'file' | 'data-url' | 'large' | 'nested-blob') =>
  tab.evaluate(async (what) => {
    const picture = new Blob([new Uint8Array(100)], { type: 'image/png' });
    const profiles = {
      blob: { picture },
      file: { picture: new File([picture], 'me.png') },
      'nested-blob': { pictures: [{ small: picture }] },
      'data-url': { picture: `data:image/png;base64,${'A'.repeat(4000)}` },
      large: { about: 'x'.repeat(8200) },
    };
    try {
      await window.lab.session.updateUser({ profile: profiles[what] });
      return 'taken';
    } catch (error) {
      return window.errorText(error);
    }
  }, make);

test('M9: a profile beyond 8 KiB, and files, Blobs and data URLs in it, are refused with what to do instead', async () => {
  const world = await startWorld();
  const tab = await (await world.openProfile()).newTab(world.page.origin);
  await signUp(tab, 'ada', { name: 'Ada' });
  expect(await profileError(tab, 'large')).toMatch(/^ERR_PROFILE_TOO_LARGE: .*8/);
  for (const what of ['blob', 'file', 'nested-blob', 'data-url'] as const) {
    expect(await profileError(tab, what), what).toMatch(/^ERR_PROFILE_NOT_JSON: .*(upload|objectUrl)/);
  }
  expect((await snapshot(tab)).user?.profile).toEqual({ name: 'Ada' });
});

test('M9: a 10 MB picture goes up with progress and is shown, and localStorage stays small', async () => {
  const world = await startWorld();
  const tab = await (await world.openProfile()).newTab(world.page.origin);
  await signUp(tab);
  const bytes = noisePicture(10 * 1024 * 1024);
  await tab.evaluate(() => {
    document.body.innerHTML = '<input type="file">';
  });
  await tab.chooseFile('input', { name: 'me.png', mimeType: 'image/png', buffer: bytes });
  // Held in mid-way: progress can only be seen where the sending takes a while.
  const upload = world.proxy.hold(/^PUT \/files/, 'before');
  await tab.evaluate((url) => {
    const file = document.querySelector('input')!.files![0]!;
    const progress: number[] = [];
    const onProgress = ({ loaded }: { loaded: number }) => void progress.push(loaded);
    const sending = window.latchkey.upload(window.lab.session, url, { method: 'PUT', body: file, onProgress });
    window.kept = { progress, status: sending.then(({ status }) => status) };
  }, `${world.apiUrl}/files/me`);
  interface Upload {
    readonly progress: number[];
    readonly status: Promise<number>;
  }
  await until(() => tab.evaluate(() => (window.kept as Upload).progress.length > 0), { what: 'progress is told' });
  upload.release();
  const sent = await tab.evaluate(async () => {
    const { progress, status } = window.kept as Upload;
    return { progress, status: await status };
  });
  expect(sent.status).toBe(204);
  expect(sent.progress[0]).toBeLessThan(bytes.length);
  expect(sent.progress.at(-1)).toBe(bytes.length);
  expect(world.api.received.at(-1)).toMatchObject({ method: 'PUT', bodyBytes: bytes.length, status: 204 });

  const shown = await tab.evaluate(async (url) => {
    const image = new Image();
    image.src = await window.lab.session.objectUrl(url);
    await image.decode();
    return { width: image.naturalWidth, scheme: new URL(image.src).protocol };
  }, `${world.apiUrl}/files/me`);
  expect(shown).toEqual({ width: sideOf(10 * 1024 * 1024), scheme: 'blob:' });

  const got = await tab.evaluate(async (url) => {
    const progress: number[] = [];
    const blob = await window.latchkey.download(window.lab.session, url, {
      onProgress: ({ loaded }) => void progress.push(loaded),
    });
    return { size: blob.size, type: blob.type, last: progress.at(-1) };
  }, `${world.apiUrl}/files/me`);
  expect(got).toEqual({ size: bytes.length, type: 'image/png', last: bytes.length });
  expect(await storedCharacters(tab)).toBeLessThan(kilobytes(4));
});

test('M9: object URLs end with the session', async () => {
  const world = await startWorld();
  const tab = await (await world.openProfile()).newTab(world.page.origin);
  await signUp(tab);
  const url = await tab.evaluate((file) => window.lab.session.objectUrl(file), `${world.apiUrl}/time`);
  const readable = () =>
    tab.evaluate(
      (blob) =>
        fetch(blob).then(
          () => true,
          () => false,
        ),
      url,
    );
  expect(await readable()).toBe(true);
  await tab.evaluate(() => window.lab.session.signOut());
  await until(async () => !(await readable()), { what: 'the URL is revoked' });
});
