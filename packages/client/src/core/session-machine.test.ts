import { describe, expect, it } from 'vitest';
import {
  DrivenTab,
  issuedTokens,
  ms,
  noVerdict,
  refusal,
  renewedAs,
  signInWith,
  signedInShelf,
  storyStart,
  unreachable,
} from '../testing/machine-driver.fixture.js';
import type { MachineSettings } from './session-state.js';

/** A tab that has a fresh token and has done its refresh on load. */
function settledTab(settings: Partial<MachineSettings> = {}, lifetime = 900_000): DrivenTab {
  const shelf = signedInShelf(issuedTokens('0', { lifetime }));
  return new DrivenTab(shelf, { refreshOnLoad: false, ...settings }).start();
}

const minutes = (count: number): number => count * 60_000;

describe('margins (M4)', () => {
  it.each([
    { lifetime: 300_000, begins: 240_000, why: 'a fifth of five minutes' },
    { lifetime: 900_000, begins: 720_000, why: 'a fifth of fifteen minutes' },
    { lifetime: minutes(60), begins: minutes(55), why: 'five minutes at most' },
    { lifetime: minutes(60 * 24 * 31), begins: minutes(60 * 24 * 31 - 5), why: 'a month, beyond 2³¹ ms' },
  ])('E31: a token of $lifetime ms is refreshed after $begins ms: $why', ({ lifetime, begins }) => {
    const tab = settledTab({}, lifetime);
    expect(tab.wakeAt).toBe(storyStart + begins);
    tab.wakeAfter(begins - 1);
    expect(tab.toSend()).toBeUndefined();
    tab.wakeAfter(1);
    expect(tab.toSend()?.refreshToken).toBe('refresh-0');
  });

  it('within the margin the token is used at once while the refresh runs beside', () => {
    const tab = settledTab();
    tab.wakeAfter(minutes(14));
    expect(tab.state.flight).toBeDefined();
    expect(tab.outcome(tab.wantToken())).toMatchObject({ type: 'give', accessToken: 'access-0' });
  });

  it('with 30 s left a request waits for the refresh, and gets the new token', () => {
    const tab = settledTab();
    tab.pass(minutes(15) - 30_000);
    const waiter = tab.wantToken();
    expect(tab.outcome(waiter)).toBeUndefined();
    tab.refresh(renewedAs('1'));
    expect(tab.outcome(waiter)).toMatchObject({ type: 'give', accessToken: 'access-1' });
  });

  it('a request waits 5 s at most, and then hears so', () => {
    const tab = settledTab();
    tab.pass(minutes(15));
    const waiter = tab.wantToken();
    tab.toSend();
    expect(tab.wakeAt).toBe(tab.now + 5000);
    tab.wakeAfter(4999);
    expect(tab.outcome(waiter)).toBeUndefined();
    tab.wakeAfter(1);
    expect(tab.outcome(waiter)).toMatchObject({ type: 'fail', failure: { code: 'ERR_TIMEOUT' } });
    expect(tab.state.flight).toBeDefined();
  });

  it('a token that lives too short for the wish is renewed, and the best there is then given', () => {
    const tab = settledTab();
    tab.pass(2000);
    const waiter = tab.wantToken(minutes(60));
    expect(tab.outcome(waiter)).toBeUndefined();
    expect(tab.refresh(renewedAs('1'))).toBeDefined();
    expect(tab.outcome(waiter)).toMatchObject({ type: 'give', accessToken: 'access-1' });
    expect(tab.state.flight).toBeUndefined();
  });

  it('E44: nobody needs a refresh: there is none, however often a token is asked for', () => {
    const tab = settledTab();
    for (let i = 0; i < 100; i += 1) {
      tab.pass(100);
      expect(tab.outcome(tab.wantToken())).toMatchObject({ accessToken: 'access-0' });
    }
    expect(tab.all('acquire-lock')).toEqual([]);
    expect(
      new Set(
        tab
          .all('wake')
          .slice(1)
          .map(({ at }) => at),
      ),
    ).toEqual(new Set([storyStart + 720_000]));
  });
});

describe('a failed refresh (M2)', () => {
  it.each([
    ['no network', unreachable],
    ['a 503', noVerdict()],
    ['a time-out', noVerdict({ code: 'ERR_TIMEOUT', status: 0 })],
    ['a 429', noVerdict({ code: 'ERR_THROTTLED', status: 429 })],
    ['a 200 without a token', noVerdict({ code: 'ERR_BAD_ANSWER', status: 200 })],
  ])('keeps the session and the old token: %s', (_, verdict) => {
    const tab = settledTab();
    tab.wakeAfter(minutes(12));
    tab.refresh(verdict);
    expect(tab.shelf.record?.session?.accessToken).toBe('access-0');
    expect(tab.all('signed-out')).toEqual([]);
    tab.pass(minutes(2.8));
    expect(tab.outcome(tab.wantToken())).toMatchObject({ type: 'give', accessToken: 'access-0' });
  });

  it('is tried again with a back-off that is bounded, for ever', () => {
    const tab = settledTab({}, minutes(60));
    tab.fraction = 0.999;
    tab.wakeAfter(minutes(55));
    const waits: number[] = [];
    for (let i = 0; i < 8; i += 1) {
      expect(tab.refresh(noVerdict())).toBeDefined();
      waits.push(Math.round((tab.wakeAt - tab.now) / 1000));
      tab.wakeAfter(tab.wakeAt - tab.now);
    }
    expect(waits).toEqual([2, 4, 8, 16, 32, 60, 60, 60]);
  });

  it('E43: honours Retry-After while the token is expired, and the request that waits succeeds after', () => {
    const tab = settledTab();
    tab.pass(minutes(16));
    const waiter = tab.wantToken();
    tab.refresh(noVerdict({ code: 'ERR_THROTTLED', status: 429, retryAfter: 3 as never }));
    tab.wakeAfter(2999);
    expect(tab.toSend()).toBeUndefined();
    tab.wakeAfter(1);
    tab.refresh(renewedAs('1'));
    expect(tab.outcome(waiter)).toMatchObject({ type: 'give', accessToken: 'access-1' });
  });

  it('does not let an explicit refresh, or coming online, jump the Retry-After', () => {
    const tab = settledTab();
    tab.wakeAfter(minutes(12));
    tab.refresh(noVerdict({ retryAfter: 60 as never }));
    tab.pass(10_000).wantRefresh();
    tab.input({ type: 'network', online: true });
    expect(tab.toSend()).toBeUndefined();
    tab.wakeAfter(50_000);
    expect(tab.toSend()).toBeDefined();
  });

  it('that somebody asked for is told at once, and made up for with a back-off: else the app would stay offline', () => {
    const tab = settledTab();
    const waiter = tab.pass(minutes(1)).wantRefresh();
    tab.refresh(unreachable);
    expect(tab.outcome(waiter)).toMatchObject({ type: 'fail', failure: { code: 'ERR_NETWORK' } });
    expect(tab.wakeAt - tab.now).toBeLessThanOrEqual(2000);
    tab.wakeAfter(tab.wakeAt - tab.now);
    tab.refresh(renewedAs('1'));
    expect(tab.state.online).toBe(true);
    expect(tab.shelf.record?.session?.accessToken).toBe('access-1');
  });

  it('offline with an expired token, a request fails at once and the session stays', () => {
    const tab = settledTab();
    tab.pass(minutes(20));
    const waiter = tab.wantToken();
    tab.refresh(unreachable);
    expect(tab.outcome(waiter)).toMatchObject({ type: 'fail', failure: { code: 'ERR_NETWORK' } });
    expect(tab.state.online).toBe(false);
    expect(tab.shelf.record?.session).not.toBeNull();
    tab.pass(2000).input({ type: 'network', online: true });
    expect(tab.toSend()).toBeDefined();
  });

  it('E22: once the network is back, a request waits for the next try, however soon after the last', () => {
    const tab = settledTab();
    tab.pass(minutes(20)).wantToken();
    tab.refresh(unreachable);
    tab.pass(100).input({ type: 'network', online: true });
    const waiter = tab.wantToken();
    expect(tab.outcome(waiter)).toBeUndefined();
    tab.wakeAfter(900);
    tab.refresh(renewedAs('1'));
    expect(tab.outcome(waiter)).toMatchObject({ type: 'give', accessToken: 'access-1' });
  });

  it('means nothing when another tab has refreshed meanwhile: an explicit refresh is had', () => {
    const tab = settledTab();
    const waiter = tab.pass(5000).wantRefresh();
    tab.toSend();
    const other = new DrivenTab(tab.shelf, { refreshOnLoad: false }).pass(5000).start();
    other.wantRefresh();
    other.refresh(renewedAs('1'));
    tab.look();
    tab.answer(unreachable);
    expect(tab.outcome(waiter)).toMatchObject({ type: 'give' });
    expect(tab.state.failures).toBe(0);
  });

  it('for want of a key is no word on the network', () => {
    const tab = settledTab();
    tab.wakeAfter(minutes(12));
    tab.refresh(noVerdict({ code: 'ERR_STORAGE', status: 0 }));
    expect(tab.state.online).toBe(true);
  });
});

describe('a definitive refusal', () => {
  it('ends the session and says why, once', () => {
    const tab = settledTab();
    tab.wakeAfter(minutes(12));
    tab.refresh(refusal);
    tab.look();
    expect(tab.shelf.record).toMatchObject({ session: null, ended: { sessionId: 'session-a', reason: 'refused' } });
    expect(tab.all('signed-out')).toMatchObject([{ reason: 'refused' }]);
    expect(tab.wakeAt).toBe(Infinity);
  });

  it('is called expiry when the session had come to its end', () => {
    const shelf = signedInShelf(issuedTokens('0', { sessionExpiresAt: ms(storyStart + minutes(60)) }));
    const tab = new DrivenTab(shelf, { refreshOnLoad: false }).start();
    tab.wakeAfter(minutes(61));
    tab.refresh(refusal);
    expect(tab.all('signed-out')).toMatchObject([{ reason: 'expired' }]);
  });

  it('E12: of a token that storage no longer holds leads to the newer one', () => {
    const tab = settledTab();
    tab.wakeAfter(minutes(12));
    tab.toSend();
    tab.answer(refusal);
    const other = new DrivenTab(tab.shelf).pass(minutes(12));
    const base = { ...tab.state.flight!.base! };
    other.change({ kind: 'tokens', expected: base, tokens: issuedTokens('1', { refreshedAt: ms(other.now) }) });
    tab.commit();
    expect(tab.state.record?.session?.accessToken).toBe('access-1');
    expect(tab.all('signed-out')).toEqual([]);
    expect(tab.state.flight).toBeUndefined();
  });

  it('with whenRefused keep lets the token live out its time, asks no more and then ends', () => {
    const tab = settledTab({ whenRefused: 'keep' });
    tab.wakeAfter(minutes(12));
    tab.refresh(refusal);
    expect(tab.outcome(tab.wantToken())).toMatchObject({ accessToken: 'access-0' });
    tab.pass(minutes(2.9));
    expect(tab.outcome(tab.wantToken())).toMatchObject({ accessToken: 'access-0' });
    expect(tab.outcome(tab.wantRefresh())).toMatchObject({ type: 'fail' });
    expect(tab.all('acquire-lock').length).toBe(1);
    expect(tab.wakeAt).toBe(storyStart + minutes(15));
    tab.wakeAfter(minutes(0.1));
    tab.commit();
    expect(tab.all('signed-out')).toMatchObject([{ reason: 'refused' }]);
  });

  it('with whenRefused keep is forgotten when another tab gets a new refresh token', () => {
    const tab = settledTab({ whenRefused: 'keep' });
    tab.wakeAfter(minutes(12));
    tab.toSend();
    tab.shelf.record = signedInShelf(issuedTokens('1', { generation: 1 })).record;
    tab.look();
    tab.answer(refusal);
    expect(tab.state.kept).toBeUndefined();
    expect(tab.state.failure).toBeUndefined();
  });

  it('a session that never had a refresh token fails a wish for one at once, and ends with its token', () => {
    const shelf = signedInShelf(issuedTokens('0', { refreshToken: undefined }));
    const tab = new DrivenTab(shelf).start();
    expect(tab.outcome(tab.wantRefresh())).toMatchObject({ type: 'fail' });
    expect(tab.outcome(tab.wantToken(minutes(60)))).toMatchObject({ accessToken: 'access-0' });
    tab.wakeAfter(minutes(15));
    tab.commit();
    expect(tab.all('signed-out')).toMatchObject([{ reason: 'expired' }]);
  });
});

describe('the load of a page (M1)', () => {
  it('refreshes, even though the token is fresh', () => {
    const tab = new DrivenTab(signedInShelf()).pass(minutes(1)).start();
    expect(tab.toSend()?.refreshToken).toBe('refresh-0');
  });

  it('takes a refresh of the last 10 s for its own, any tab’s', () => {
    expect(new DrivenTab(signedInShelf()).pass(10_000).start().toSend()).toBeUndefined();
    expect(new DrivenTab(signedInShelf()).pass(10_001).start().toSend()).toBeDefined();
  });

  it('E33: of a second start in the same page does not refresh again', () => {
    const tab = new DrivenTab(signedInShelf()).pass(minutes(1)).start();
    tab.refresh(renewedAs('1'));
    tab.pass(5000).start();
    expect(tab.toSend()).toBeUndefined();
  });

  it('adopts, under the lock, what another tab refreshed while this one waited', () => {
    const shelf = signedInShelf();
    const [one, two] = [new DrivenTab(shelf), new DrivenTab(shelf)].map((tab) => tab.pass(minutes(1)).start());
    one!.refresh(renewedAs('1'));
    two!.lock().read();
    expect(two!.all('send')).toEqual([]);
    expect(two!.state.record?.session?.accessToken).toBe('access-1');
    expect(two!.all('note')).toMatchObject([{ event: 'adopted', reason: 'load' }]);
  });

  it('sends nothing before this tab has read the record that decides', () => {
    const tab = new DrivenTab(signedInShelf()).pass(minutes(30));
    tab.input({ type: 'started', hint: tab.shelf.record, online: true });
    expect(tab.outcome(tab.wantToken())).toBeUndefined();
    expect(tab.take('acquire-lock')).toBeUndefined();
  });
});

describe('who asks', () => {
  it('E36: in one tick, timer, focus, online, a 401 and a click, makes one refresh', () => {
    const tab = settledTab();
    tab.wakeAfter(minutes(12));
    tab.look();
    tab.input({ type: 'network', online: true });
    tab.input({ type: 'token-refused', accessToken: 'access-0' });
    const waiter = tab.wantRefresh();
    tab.refresh(renewedAs('1'));
    expect(tab.outcome(waiter)).toMatchObject({ type: 'give' });
    expect([tab.all('acquire-lock').length, tab.toSend()]).toEqual([1, undefined]);
    tab.wakeAfter(2000);
    expect(tab.toSend()).toBeUndefined();
  });

  it('E16: fifty times after a 401 makes one refresh and fifty new tokens', () => {
    const tab = settledTab().pass(minutes(1));
    const waiters = Array.from({ length: 50 }, () => {
      tab.input({ type: 'token-refused', accessToken: 'access-0' });
      return tab.wantToken();
    });
    tab.refresh(renewedAs('1'));
    expect(waiters.map((waiter) => tab.outcome(waiter))).toEqual(
      waiters.map((waiter) => ({ type: 'give', waiter, accessToken: 'access-1' })),
    );
    expect(tab.all('send').length).toBe(1);
  });

  it('E17: with a 401 for the old token gets the current one, without a refresh', () => {
    const tab = settledTab().pass(minutes(1));
    tab.wantRefresh();
    tab.refresh(renewedAs('1'));
    tab.pass(5000).input({ type: 'token-refused', accessToken: 'access-0' });
    expect(tab.outcome(tab.wantToken())).toMatchObject({ accessToken: 'access-1' });
    expect(tab.toSend()).toBeUndefined();
  });

  it('a refused token is not given again while its refresh fails', () => {
    const tab = settledTab().pass(minutes(1));
    tab.input({ type: 'token-refused', accessToken: 'access-0' });
    const waiter = tab.wantToken();
    tab.refresh(unreachable);
    expect(tab.outcome(waiter)).toMatchObject({ type: 'fail', failure: { code: 'ERR_NETWORK' } });
  });

  it('E20: and leaves again does not stop the refresh', () => {
    const tab = settledTab().pass(minutes(16));
    const waiter = tab.wantToken();
    tab.toSend();
    tab.input({ type: 'waiter-left', id: waiter });
    tab.answer(renewedAs('1'));
    tab.commit();
    expect(tab.shelf.record?.session?.accessToken).toBe('access-1');
    expect(tab.outcome(waiter)).toBeUndefined();
  });

  it('is signed out: goes on without a token', () => {
    const tab = new DrivenTab({ record: undefined }).start();
    expect(tab.outcome(tab.wantToken())).toEqual({ type: 'give', waiter: 1, accessToken: undefined });
  });

  it('E15: waited for one person is never served as another who signs in', () => {
    const tab = settledTab().pass(minutes(16));
    const waiters = [tab.wantToken(), tab.wantRefresh()];
    tab.toSend();
    const late = tab.state.flight!.id;
    tab.change(signInWith(issuedTokens('b', { sessionId: 'session-b', refreshedAt: ms(tab.now) })));
    for (const waiter of waiters) {
      expect(tab.outcome(waiter)).toMatchObject({ type: 'fail', failure: 'session-changed' });
    }
    expect(tab.take('release-lock', late)).toBeDefined();
    tab.answer(renewedAs('1'), undefined, late);
    expect([tab.commit(), tab.state.record?.session?.id]).toEqual([[], 'session-b']);
  });

  it('waited when the session ended hears that it is over', () => {
    const tab = settledTab().pass(minutes(16));
    const waiter = tab.wantToken();
    tab.refresh(refusal);
    expect(tab.outcome(waiter)).toMatchObject({ type: 'fail', failure: 'signed-out' });
  });
});
