import { describe, expect, it } from 'vitest';
import {
  DrivenTab,
  dueTab,
  issuedTokens,
  ms,
  noVerdict,
  refusal,
  renewedAs,
  signInWith,
  stale,
  twelveMinutes,
  unreachable,
} from '../testing/machine-driver.fixture.js';
import type { RecordChange } from './session-record.js';

describe('a refresh', () => {
  it('E23: dates the new token from before the request, however late the answer is handled', () => {
    const tab = dueTab();
    const sentAt = tab.now;
    tab.toSend();
    tab.pass(60_000).answer(renewedAs('1'));
    tab.commit();
    expect(tab.state.record?.session).toMatchObject({ refreshedAt: sentAt, accessExpiresAt: sentAt + 900_000 });
  });

  it('gives nobody the new token before it is stored', () => {
    const tab = dueTab();
    tab.pass(180_000);
    const waiter = tab.wantToken();
    tab.toSend();
    tab.answer(renewedAs('1'));
    expect(tab.outcome(waiter)).toBeUndefined();
    expect(tab.take('release-lock')).toBeUndefined();
    tab.commit();
    expect(tab.outcome(waiter)).toMatchObject({ accessToken: 'access-1' });
    expect(tab.take('release-lock')).toBeDefined();
  });

  it('releases its lock whatever comes of it', () => {
    for (const verdict of [renewedAs('1'), refusal, noVerdict(), unreachable]) {
      const tab = dueTab();
      tab.refresh(verdict);
      expect(tab.all('release-lock')).toEqual([{ type: 'release-lock', flight: 1 }]);
    }
  });

  it('takes in no answer twice, and none of a flight that is over', () => {
    const tab = dueTab();
    tab.refresh(renewedAs('1'));
    const before = tab.state;
    tab.answer(renewedAs('2'), undefined, 1);
    tab.answer(refusal, undefined, 1);
    tab.input({ type: 'lock-settled', flight: 1 });
    expect({ ...tab.state, drift: 0 }).toEqual({ ...before, drift: 0 });
    expect(tab.take('change')).toBeUndefined();
  });

  it('E45: of a tab that froze before its request finds the others’ newer token and adopts it', () => {
    const tab = dueTab();
    tab.toSend();
    const other = dueTab();
    other.shelf.record = tab.shelf.record;
    for (let i = 1; i <= 10; i += 1) {
      other.pass(2000).wantRefresh();
      other.refresh(renewedAs(String(i)), i);
    }
    tab.shelf.record = other.shelf.record;
    tab.answer(stale(10));
    tab.read();
    expect(tab.state.record?.session?.refreshToken).toBe('refresh-10');
    expect([tab.state.flight, tab.all('send').length]).toEqual([undefined, 1]);
  });

  it('E4: of a thawed tab does not put its old answer over a newer one, even without rotation', () => {
    const tab = dueTab();
    tab.toSend();
    const late = tab.state.flight!.id;
    const other = new DrivenTab(tab.shelf, { refreshOnLoad: false }).pass(twelveMinutes).start();
    other.refresh(renewedAs('new', 900, 'refresh-0'));
    tab.answer(renewedAs('old', 900, 'refresh-0'), undefined, late);
    tab.commit();
    expect(tab.shelf.record?.session?.accessToken).toBe('access-new');
    expect(tab.state.record?.session?.accessToken).toBe('access-new');
  });
});

describe('after a 409', () => {
  it('the successor that the server gave is presented, and its answer stored', () => {
    const tab = dueTab();
    tab.toSend();
    tab.answer(stale(3, 'refresh-1'));
    tab.read();
    expect(tab.take('send')).toMatchObject({ refreshToken: 'refresh-1', final: false });
    tab.answer(renewedAs('4'), 4);
    tab.commit();
    expect(tab.shelf.record?.session).toMatchObject({ generation: 4, refreshToken: 'refresh-4' });
  });

  it('the kept token of the server’s generation is presented, which has lost writes', () => {
    const tab = dueTab(3);
    tab.toSend();
    tab.answer(stale(1));
    tab.read();
    expect(tab.take('send')).toMatchObject({ refreshToken: 'refresh-1', final: false });
    tab.answer(renewedAs('2'), 2);
    tab.commit();
    expect(tab.shelf.record?.session).toMatchObject({ generation: 2, refreshToken: 'refresh-2' });
  });

  it('with neither, the stored token is presented once more as final, and the verdict holds', () => {
    const tab = dueTab();
    tab.toSend();
    tab.answer(stale(20));
    tab.read();
    expect(tab.take('send')).toMatchObject({ refreshToken: 'refresh-0', final: true });
    tab.answer(refusal);
    tab.commit();
    expect(tab.all('signed-out')).toMatchObject([{ reason: 'refused' }]);
  });

  it('a server that calls everything stale is left alone after a bounded walk, the session kept', () => {
    const tab = dueTab();
    tab.toSend();
    let sends = 1;
    for (; tab.state.flight && sends < 100; sends += 1) {
      tab.answer(stale(5, `refresh-x${sends}`));
      tab.read();
      tab.take('send');
    }
    expect([sends, tab.all('send').length]).toEqual([22, 21]);
    expect(tab.state.failure).toMatchObject({
      code: 'ERR_BAD_ANSWER',
      message: 'The server calls every refresh token of this session stale.',
    });
    expect(tab.shelf.record?.session?.refreshToken).toBe('refresh-0');
    // As soon as it may begin again, within the minute.
    tab.wakeAfter(30_000);
    tab.wakeAfter(tab.wakeAt - tab.now);
    tab.toSend();
    for (let i = 0; tab.state.flight && i < 100; i += 1) {
      tab.answer(stale(5, `refresh-y${i}`));
      tab.read();
      tab.take('send');
    }
    expect([tab.state.flight, tab.state.sends.length]).toEqual([undefined, 30]);
  });
});

describe('in every interleaving with a refresh', () => {
  const steps: ((tab: DrivenTab) => unknown)[] = [
    (tab) => tab.lock(),
    (tab) => tab.read(),
    (tab) => tab.take('send'),
    (tab) => tab.answer(renewedAs('1'), undefined, 1),
    (tab) => tab.commit(),
  ];
  const hours = (tab: DrivenTab) => [tab.now, tab.now + 3_600_000];
  const cases = steps
    .flatMap((_, before) => [before, before])
    .concat(steps.length, steps.length)
    .flatMap((before, index) =>
      Array.from({ length: steps.length - before + 1 }, (_, late) => ({ before, late, own: index % 2 === 0 })),
    );

  /** Runs the refresh with a change made before one step and told to the tab some steps later. */
  function interleave({ before, late, own }: (typeof cases)[number], change: RecordChange): DrivenTab {
    const tab = dueTab();
    const waiter = tab.wantRefresh();
    for (let step = 0; step <= steps.length; step += 1) {
      if (step === before && own) tab.change(change);
      if (step === before && !own) new DrivenTab(tab.shelf).change(change);
      if (step === before + late) tab.look();
      steps[step]?.(tab);
    }
    tab.look();
    expect(tab.outcome(waiter)).toBeDefined();
    const locked = tab.all('acquire-lock').filter(({ flight }) => flight === 1).length;
    expect(tab.all('release-lock').filter(({ flight }) => flight === 1).length).toBe(locked);
    return tab;
  }

  it.each(cases)('E13: a sign-out before step $before, heard of $late later (own: $own), is final', (at) => {
    const tab = interleave(at, { kind: 'signed-out', reason: 'user', sessionId: 'session-a', revoke: true });
    expect([tab.shelf.record?.session, tab.state.record?.session]).toEqual([null, null]);
    expect(tab.all('signed-out')).toEqual([{ type: 'signed-out', reason: at.own ? 'user' : 'elsewhere' }]);
    expect(tab.state.flight).toBeUndefined();
    for (const later of hours(tab)) tab.wakeAfter(later - tab.now);
    expect(tab.take('send')).toBeUndefined();
  });

  it.each(cases)('E47: a sign-in of another before step $before, heard of $late later (own: $own), wins', (at) => {
    const tokens = issuedTokens('b', { sessionId: 'session-b', refreshedAt: ms(Date.UTC(2030, 0, 1, 0, 12)) });
    const tab = interleave(at, signInWith(tokens));
    expect([tab.shelf.record?.session?.accessToken, tab.state.record?.session?.accessToken]).toEqual([
      'access-b',
      'access-b',
    ]);
    expect(tab.all('signed-out')).toEqual([]);
  });
});

describe('sign-outs that the server has not heard of', () => {
  const out = { kind: 'signed-out', reason: 'user', sessionId: 'session-a', revoke: true } as const;

  it('are told at once by the tab that signs out, and by the others only if it fails', () => {
    const tab = dueTab();
    const other = new DrivenTab(tab.shelf, { refreshOnLoad: false }).pass(twelveMinutes).start();
    tab.change(out);
    other.look();
    expect(tab.take('revoke')).toMatchObject({ refreshTokens: ['refresh-0'] });
    expect(other.take('revoke')).toBeUndefined();
    expect(other.wakeAt).toBe(other.now + 30_000);
    other.wakeAfter(30_000);
    expect(other.take('revoke')).toMatchObject({ refreshTokens: ['refresh-0'] });
  });

  it('E14: are told every 30 s though a failed refresh took the network for gone, and no more once heard', () => {
    const tab = dueTab();
    tab.refresh(unreachable);
    tab.change(out);
    expect(tab.take('revoke')).toBeDefined();
    tab.wakeAfter(29_999);
    expect(tab.take('revoke')).toBeUndefined();
    tab.wakeAfter(1);
    expect(tab.take('revoke')).toBeDefined();
    tab.pass(1000).input({ type: 'network', online: true });
    expect(tab.take('revoke')).toBeDefined();
    tab.change({ kind: 'revoked', refreshToken: 'refresh-0' });
    expect([tab.take('revoke'), tab.wakeAt]).toEqual([undefined, Infinity]);
  });

  it('are told at once even when another was told of a moment ago', () => {
    const tab = dueTab();
    tab.change(out);
    tab.take('revoke');
    tab.change(signInWith(issuedTokens('b', { sessionId: 'session-b', refreshedAt: ms(tab.now) })));
    tab.pass(1000).change({ ...out, sessionId: 'session-b' });
    expect(tab.take('revoke')).toMatchObject({ refreshTokens: ['refresh-0', 'refresh-b'] });
  });

  it('wait in the record over a restart, and are told after the record is read', () => {
    const tab = dueTab();
    tab.change(out);
    const next = new DrivenTab(tab.shelf).pass(twelveMinutes * 2);
    next.input({ type: 'started', hint: tab.shelf.record, online: false });
    expect([next.take('revoke'), next.wakeAt]).toEqual([undefined, Infinity]);
    next.look();
    expect(next.take('revoke')).toMatchObject({ refreshTokens: ['refresh-0'] });
  });
});

it('a sign-in after a failed refresh shows that there is a network', () => {
  const tab = dueTab();
  tab.refresh(unreachable);
  expect(tab.state.online).toBe(false);
  tab.change(signInWith(issuedTokens('b', { sessionId: 'session-b' })));
  expect(tab.state.online).toBe(true);
});
