import { describe, expect, it } from 'vitest';
import { DrivenTab, dueTab, refusal, renewedAs, stale, twelveMinutes } from '../testing/machine-driver.fixture.js';
import type { RefreshVerdict } from './refresh-verdict.js';

/** Another tab of the same profile, at the same moment, whose refresh is due too. */
function tabBeside(tab: DrivenTab): DrivenTab {
  const other = new DrivenTab(tab.shelf, { refreshOnLoad: false }).pass(tab.monotonic).start();
  other.wakeAfter(0);
  return other;
}

/** What the flight sends next, after this answer and another look at the record. */
function next(tab: DrivenTab, verdict: RefreshVerdict) {
  tab.answer(verdict);
  tab.read();
  return tab.take('send');
}

const kept = (tab: DrivenTab) => tab.shelf.record?.session?.superseded.map(({ generation }) => generation);

describe('“final” is said of the stored token alone', () => {
  it('not when a token on the way up was called old, and then of no other', () => {
    const tab = dueTab();
    tab.toSend();
    expect(next(tab, stale(2, 'refresh-1'))).toMatchObject({ refreshToken: 'refresh-1', final: false });
    // While that was on its way, others went on: it is too old for the chain. The stored token may still be told of.
    expect(next(tab, stale(12))).toMatchObject({ refreshToken: 'refresh-0', final: false });
    expect(next(tab, stale(12))).toMatchObject({ refreshToken: 'refresh-0', final: true });
  });

  it('not when a kept token was called old, the database having found again what it lost', () => {
    const tab = dueTab(3);
    tab.toSend();
    expect(next(tab, stale(1))).toMatchObject({ refreshToken: 'refresh-1', final: false });
    expect(next(tab, stale(11))).toMatchObject({ refreshToken: 'refresh-3', final: false });
    tab.answer(renewedAs('12'), 12);
    tab.commit();
    expect(tab.shelf.record?.session).toMatchObject({ generation: 12, refreshToken: 'refresh-12' });
  });
});

describe('two tabs after a failover', () => {
  /** Both have presented the third token to a server that knows only the second. */
  function bothBehind(): [DrivenTab, DrivenTab] {
    const first = dueTab(2);
    const second = tabBeside(first);
    first.toSend();
    second.toSend();
    expect(next(first, stale(1))).toMatchObject({ refreshToken: 'refresh-1' });
    return [first, second];
  }

  it('the one that hears of it late adopts the walk up of the other, though it ends at the same generation', () => {
    const [first, second] = bothBehind();
    first.answer(renewedAs('2 again', 900, 'refresh-2'), 2);
    first.commit();
    expect(next(second, stale(1))).toBeUndefined();
    expect([second.state.flight, second.state.failure]).toEqual([undefined, undefined]);
    expect(second.state.record?.session).toMatchObject({ accessToken: 'access-2 again', refreshToken: 'refresh-2' });
  });

  it('and both go on from there', () => {
    const [first, second] = bothBehind();
    first.answer(renewedAs('2 again', 900, 'refresh-2'), 2);
    first.commit();
    next(second, stale(1));
    second.wakeAfter(twelveMinutes);
    expect(second.refresh(renewedAs('3'), 3)).toMatchObject({ refreshToken: 'refresh-2', final: false });
    first.look();
    expect(first.state.record?.session).toMatchObject({ generation: 3, refreshToken: 'refresh-3' });
  });

  it('what was kept of the lost future is forgotten, and what leads up to it is not', () => {
    const tab = dueTab(4);
    tab.toSend();
    next(tab, stale(1));
    tab.answer(renewedAs('2 again', 900, 'refresh-2'), 2);
    tab.commit();
    expect(kept(tab)).toEqual([0, 1]);
    tab.wakeAfter(twelveMinutes);
    tab.toSend();
    expect(next(tab, stale(0))).toMatchObject({ refreshToken: 'refresh-0', final: false });
  });
});

describe('a second failover, to a generation that the walk up from the first one passed by', () => {
  /** The third token is kept, the fourth was only passed by, the fifth is stored; the server is back at the fourth. */
  function backAtTheGap(): DrivenTab {
    const tab = dueTab(3);
    tab.toSend();
    expect(next(tab, stale(4, 'refresh-4'))).toMatchObject({ refreshToken: 'refresh-4' });
    tab.answer(renewedAs('5'), 5);
    tab.commit();
    expect(kept(tab)).toEqual([0, 1, 2, 3]);
    tab.wakeAfter(twelveMinutes);
    expect(tab.toSend()).toMatchObject({ refreshToken: 'refresh-5' });
    return tab;
  }

  it('E39: presents the token before it, and goes on from what that brings', () => {
    const tab = backAtTheGap();
    expect(next(tab, stale(4))).toMatchObject({ refreshToken: 'refresh-3', final: false });
    tab.answer(renewedAs('4 again', 900, 'refresh-4'), 4);
    tab.commit();
    expect(tab.state.record?.session).toMatchObject({ generation: 4, refreshToken: 'refresh-4' });
  });

  it('gives up for now, and keeps the session, where that is too old for the server, too', () => {
    const tab = backAtTheGap();
    next(tab, stale(4));
    expect(next(tab, stale(4))).toBeUndefined();
    expect(tab.state.failure).toMatchObject({ code: 'ERR_BAD_ANSWER' });
    expect(tab.state.record?.session?.refreshToken).toBe('refresh-5');
  });
});

describe('a server that has lost more rotations than are kept', () => {
  /** The server is at a generation of which nothing is kept; the answer is back, `after` so long. */
  function outOfReach(after = 0): DrivenTab {
    const tab = dueTab(10);
    tab.toSend();
    tab.pass(after);
    expect(next(tab, stale(1))).toBeUndefined();
    return tab;
  }

  it('costs nobody the session while the access token lives, and is asked again', () => {
    const tab = outOfReach();
    expect(tab.all('signed-out')).toEqual([]);
    expect(tab.state).toMatchObject({ flight: undefined, failure: { code: 'ERR_BAD_ANSWER' } });
    expect(tab.outcome(tab.wantToken())).toMatchObject({ accessToken: 'access-10' });
    expect(tab.shelf.record?.session?.refreshToken).toBe('refresh-10');
    // A failover and back.
    tab.wakeAfter(60_000);
    expect(tab.refresh(renewedAs('11'), 11)).toMatchObject({ refreshToken: 'refresh-10', final: false });
    expect(tab.shelf.record?.session?.generation).toBe(11);
  });

  it('ends the session once the access token is over, without asking as final', () => {
    const tab = outOfReach(180_001);
    tab.commit();
    expect(tab.all('signed-out')).toMatchObject([{ reason: 'refused' }]);
    // The row lives on the server: that is told to end, too.
    const told = { session: null, ended: { reason: 'refused' }, unrevoked: ['refresh-10'] };
    expect(tab.shelf.record).toMatchObject(told);
    expect(tab.all('send').some(({ final }) => final)).toBe(false);
  });

  it('ends the session from the very end of the access token on, and not a millisecond before', () => {
    expect(outOfReach(179_999).take('change')).toBeUndefined();
    expect(outOfReach(180_000).take('change')).toMatchObject({ change: { kind: 'refused', revoke: true } });
  });

  it('is also one that calls the newest token old and gives nothing in its place', () => {
    const tab = dueTab(10);
    tab.toSend();
    expect(next(tab, stale(10))).toBeUndefined();
    expect(tab.state.failure?.message).toContain('lost the last refreshes');
  });

  it('ends no session that another tab has brought on meanwhile', () => {
    const tab = dueTab(10);
    tab.toSend();
    tab.pass(180_001);
    const other = tabBeside(tab);
    other.refresh(renewedAs('11'), 11);
    expect(next(tab, stale(1))).toBeUndefined();
    expect(tab.take('change')).toBeUndefined();
    expect(tab.state.record?.session?.refreshToken).toBe('refresh-11');
  });

  it('is told apart from a thief’s chain: one that is ahead of the stored token is asked as final', () => {
    const tab = dueTab(10);
    tab.toSend();
    expect(next(tab, stale(30))).toMatchObject({ refreshToken: 'refresh-10', final: true });
    tab.answer(refusal);
    tab.commit();
    expect(tab.all('signed-out')).toMatchObject([{ reason: 'refused' }]);
  });
});
