import { describe, expect, it } from 'vitest';
import { personActivity } from './browser/activity.js';
import { type InactivityWarning, watchInactivity } from './inactivity.js';
import { lending } from './lending.js';
import { fakeSession } from './testing/fake-session.js';
import { simulatedClock } from './testing/simulated-clock.js';

const ada = { id: '1', username: 'ada', profile: {} };
const quarter = { warnAfter: 840, signOutAfter: 900 };

/** Several tabs of one person: one web storage, one clock, one session; each its own page. */
function openTabs({ idleFor }: { idleFor?: number } = {}) {
  const clock = simulatedClock();
  let noted = idleFor === undefined ? null : String(clock.now() - idleFor * 1000);
  const slot = {
    read: () => noted,
    write: (text: string) => ((noted = text), true),
    watch: () => () => undefined,
  };
  const session = fakeSession({ user: ada });
  const signOuts: number[] = [];
  const endInactive = (): Promise<void> => {
    signOuts.push(clock.now());
    return session.signOut();
  };
  const open = (options = quarter) => {
    const page = new EventTarget();
    Object.assign(globalThis, { window: page });
    const activity = personActivity(slot, clock);
    activity.watch();
    Reflect.deleteProperty(globalThis, 'window');
    const warnings: (InactivityWarning | undefined)[] = [];
    const lent = { ...session[lending], clock, activity, endInactive };
    const stop = watchInactivity(
      { ...session, ...{ [lending]: lent } },
      { ...options, onWarning: (warning) => warnings.push(warning) },
    );
    return { act: () => page.dispatchEvent(new Event('keydown')), warnings, stop };
  };
  const wait = (seconds: number): Promise<void> => clock.advance(seconds * 1000);
  return { clock, session, signOuts, open, wait };
}

describe('watching for inactivity', () => {
  it('M14: warns, counts down and signs out', async () => {
    const { open, wait, signOuts, session } = openTabs();
    const { warnings } = open();
    await wait(839);
    expect(warnings).toEqual([]);
    await wait(3);
    expect(warnings.map((warning) => warning?.secondsLeft)).toEqual([60, 59, 58]);
    await wait(57);
    expect(session.snapshot().status).toBe('signed-in');
    await wait(1);
    expect(session.snapshot().status).toBe('signed-out');
    expect(warnings.at(-1)).toBeUndefined();
    expect(signOuts).toHaveLength(1);
  });

  it('E50: whoever acts every eight minutes stays in and sees no warning', async () => {
    const { open, wait, session } = openTabs();
    const { act, warnings } = open();
    for (let minutes = 0; minutes < 480; minutes += 8) {
      await wait(480);
      act();
    }
    expect(session.snapshot().status).toBe('signed-in');
    expect(warnings).toEqual([]);
  });

  it('an act in one tab counts in all, and takes their warning away', async () => {
    const { open, wait, session } = openTabs();
    const [first, second] = [open(), open()];
    await wait(850);
    expect([first.warnings.length, second.warnings.length]).toEqual([11, 11]);
    first.act();
    expect(first.warnings.at(-1)).toBeUndefined();
    await wait(1);
    expect(second.warnings.at(-1)).toBeUndefined();
    await wait(830);
    expect(session.snapshot().status).toBe('signed-in');
  });

  it('the key that wakes a computer after a night does not count as staying', () => {
    const { open, clock, signOuts } = openTabs();
    const { act } = open();
    clock.step(8 * 3600 * 1000);
    act();
    expect(signOuts).toHaveLength(1);
  });

  it('a browser that is opened again after too long finds the session over, sooner not', () => {
    const late = openTabs({ idleFor: 900 });
    late.open();
    expect(late.signOuts).toHaveLength(1);
    const soon = openTabs({ idleFor: 899 });
    soon.open();
    expect(soon.signOuts).toEqual([]);
  });

  it('who signs in on a page that nobody used for long is not signed out again', async () => {
    const { open, session, signOuts } = openTabs({ idleFor: 86_400 });
    await session.signOut();
    const { act } = open();
    act();
    await session.signIn({ username: 'ada' });
    expect(signOuts).toEqual([]);
  });

  it('who signs in without a key or a pointer, on a login page that was open for long, stays in', async () => {
    const { open, session, signOuts, wait } = openTabs();
    await session.signOut();
    open();
    await wait(1200);
    await session.signIn({ username: 'ada' });
    expect(signOuts).toEqual([]);
  });

  it('counts down alike in every tab, also from an act right after another one, and never ends early', async () => {
    const { open, wait, signOuts } = openTabs();
    const [busy, idle] = [open(), open()];
    await wait(100);
    busy.act();
    await wait(4.9);
    busy.act();
    await wait(850);
    // Each tab looks once a second, in its own moment of it.
    for (const { warnings } of [busy, idle]) expect([50, 51]).toContain(warnings.at(-1)?.secondsLeft);
    await wait(49);
    expect(signOuts).toEqual([]);
  });

  it('whoever types without a pause stays in with times of a few seconds, too, whichever tab counts', async () => {
    const { open, wait, signOuts } = openTabs();
    const short = { warnAfter: 2, signOutAfter: 4 };
    const [busy] = [open(short), open(short)];
    for (let key = 0; key < 80; key += 1) {
      await wait(0.25);
      busy.act();
    }
    expect(signOuts).toEqual([]);
  });

  it('ends the warning in every tab by its stay(), for a button that is pressed without key or pointer', async () => {
    const { open, wait, session } = openTabs();
    const [first, second] = [open(), open()];
    await wait(850);
    first.warnings.at(-1)?.stay();
    expect(first.warnings.at(-1)).toBeUndefined();
    await wait(1);
    expect(second.warnings.at(-1)).toBeUndefined();
    await wait(830);
    expect(session.snapshot().status).toBe('signed-in');
  });

  it('does nothing any more once stopped, and nothing to who is signed out', async () => {
    const { open, session, wait, signOuts } = openTabs();
    const { stop, warnings } = open();
    await wait(850);
    stop();
    expect(warnings.at(-1)).toBeUndefined();
    await wait(3600);
    expect(signOuts).toEqual([]);
    await session.signOut();
    const other = open();
    await wait(3600);
    expect(other.warnings).toEqual([]);
  });

  it.each([
    [0, 900],
    [900, 900],
    [10, Infinity],
    [NaN, 900],
  ])('says what the times must be instead of %s and %s', (warnAfter, signOutAfter) => {
    expect(() => watchInactivity(fakeSession(), { warnAfter, signOutAfter })).toThrow('0 < warnAfter < signOutAfter');
  });

  it('is quiet where nobody could act', () => {
    expect(() => watchInactivity(fakeSession(), quarter)()).not.toThrow();
  });
});
