import { describe, expect, it } from 'vitest';
import {
  DrivenTab,
  dueTab,
  issuedTokens,
  ms,
  noVerdict,
  refusal,
  renewedAs,
  signedInShelf,
  stale,
  storyStart,
  twelveMinutes,
  unreachable,
} from '../testing/machine-driver.fixture.js';
import type { RefreshVerdict } from './refresh-verdict.js';

/** What the timeline was told, without wake-ups. */
const told = (tab: DrivenTab): string[] => tab.all('note').map(({ event, reason }) => [event, reason].join(' ').trim());

/** A tab whose token is over, after so many failures, each with the longest back-off of its turn: 2 s, 4 s, 8 s. */
function failing(failures: number, verdict: RefreshVerdict = noVerdict()): DrivenTab {
  const tab = dueTab();
  tab.fraction = 1;
  tab.pass(twelveMinutes);
  for (let count = 1; count <= failures; count += 1) {
    tab.input({ type: 'woke' });
    tab.refresh(verdict);
    if (count < failures) tab.pass(tab.wakeAt - tab.now);
  }
  return tab;
}

/** How long until a refresh is under way, looked at every tenth of a second; `undefined`: not within the time. */
function startsAfter(tab: DrivenTab, atMost: number): number | undefined {
  const from = tab.now;
  for (; tab.now - from <= atMost; tab.pass(100)) {
    tab.input({ type: 'woke' });
    if (tab.state.flight) return tab.now - from;
  }
  return undefined;
}

describe('the next try', () => {
  it('comes after the back-off when nobody waits, and of a server that is down five seconds after the last for who does', () => {
    expect(startsAfter(failing(3), 60_000)).toBe(8000);
    const tab = failing(3);
    tab.wantToken();
    expect(startsAfter(tab, 60_000)).toBe(5000);
  });

  it('comes at once, though a second after the last, for who waits without a network, and for who asks for it', () => {
    const offline = failing(3, unreachable).pass(1000);
    offline.wantToken();
    expect(startsAfter(offline, 60_000)).toBe(0);
    const tab = failing(3);
    tab.wantRefresh();
    expect(startsAfter(tab, 60_000)).toBe(1000);
  });

  it('after one that was asked for and failed comes with its back-off, as any other', () => {
    const tab = dueTab();
    tab.fraction = 1;
    tab.wantRefresh();
    tab.refresh(noVerdict());
    expect(tab.state.wanted).toMatchObject({ cause: 'margin' });
    expect(startsAfter(tab, 60_000)).toBe(2000);
  });

  it('after the load of a page that failed is still that of the load', () => {
    const tab = new DrivenTab(signedInShelf()).pass(60_000).start();
    tab.refresh(noVerdict());
    expect(tab.state.wanted).toMatchObject({ cause: 'load' });
    tab.wakeAfter(1000);
    expect(tab.state.flight?.cause).toBe('load');
  });

  it('is not put off by a clock that was set back, unless the server asked to wait', () => {
    const tab = dueTab();
    tab.refresh(noVerdict());
    tab.now -= 3_600_000;
    expect(startsAfter(tab, 90_000)).toBeLessThanOrEqual(1000);
    const asked = dueTab();
    asked.refresh(noVerdict({ retryAfter: 1800 as never }));
    asked.now -= 3_600_000;
    expect(startsAfter(asked, 90_000)).toBe(60_000);
  });
});

describe('why a refresh is made', () => {
  it('is the API’s refusal, even of a fresh token and when nobody waits any more', () => {
    const tab = new DrivenTab(signedInShelf(), { refreshOnLoad: false }).start().pass(60_000);
    tab.input({ type: 'token-refused', accessToken: 'access-0' });
    expect(tab.state.flight?.cause).toBe('refused');
  });

  it('is a clock that was set back, by a second or more, under a token that is not of the future', () => {
    const setBack = (by: number): DrivenTab => {
      const tab = new DrivenTab(signedInShelf(), { refreshOnLoad: false }).start().pass(60_000);
      tab.now -= by;
      tab.input({ type: 'woke' });
      return tab;
    };
    expect(setBack(999).state).toMatchObject({ doubt: undefined, flight: undefined });
    expect(setBack(1000).state).toMatchObject({
      doubt: { accessToken: 'access-0', cause: 'clock' },
      flight: { cause: 'clock' },
    });
  });

  it('is never a token that is not valid yet', () => {
    const tokens = issuedTokens('0', { usableFrom: ms(storyStart + 840_000) });
    const tab = new DrivenTab(signedInShelf(tokens), { refreshOnLoad: false }).start();
    tab.wantToken();
    tab.wakeAfter(twelveMinutes);
    expect(tab.all('acquire-lock')).toEqual([]);
  });
});

describe('step by step', () => {
  it('a refresh waits for the lock, reads, sends and commits, and loads the user', () => {
    const tab = dueTab();
    const step = () => tab.state.flight?.step;
    const steps = [step()];
    for (const next of [() => tab.lock(), () => tab.read(), () => tab.answer(renewedAs('1'), 1)]) {
      next();
      steps.push(step());
    }
    tab.commit();
    expect([...steps, step()]).toEqual(['locking', 'reading', 'sending', 'committing', undefined]);
    const { epoch, session } = tab.shelf.record!;
    const user = { type: 'load-user', epoch, sessionId: session!.id, accessToken: 'access-1' };
    expect(tab.take('load-user')).toEqual(user);
    expect(told(tab)).toEqual(['refreshing margin', 'refreshed margin']);
  });

  it('a look at the record in between is no step: nothing is sent before the flight has read, nor twice', () => {
    const tab = dueTab();
    tab.lock().look();
    expect(tab.all('send')).toEqual([]);
    tab.read();
    expect(tab.all('send').length).toBe(1);
    const { record } = tab.shelf;
    tab.input({ type: 'record', record, own: false, flight: tab.state.flight!.id, won: false });
    expect(tab.all('send').length).toBe(1);
  });
});

describe('what comes of it', () => {
  it('another tab’s refresh, committed first, is adopted: the user is not loaded', () => {
    const tab = dueTab();
    tab.toSend();
    const other = new DrivenTab(tab.shelf, { refreshOnLoad: false }).pass(twelveMinutes).start();
    other.wakeAfter(0);
    other.refresh(renewedAs('1'), 1);
    tab.answer(renewedAs('late'), 1);
    tab.commit();
    expect(told(tab)).toEqual(['refreshing margin', 'adopted margin']);
    expect(tab.take('load-user')).toBeUndefined();
  });

  it.each([
    ['a refusal', refusal],
    ['no answer', unreachable],
  ])('%s to a token that another tab has replaced is adopted, too', (_, verdict) => {
    const tab = dueTab();
    tab.toSend();
    const other = new DrivenTab(tab.shelf, { refreshOnLoad: false }).pass(twelveMinutes).start();
    other.wakeAfter(0);
    other.refresh(renewedAs('1'), 1);
    tab.look();
    tab.answer(verdict);
    expect(told(tab)).toEqual(['refreshing margin', 'adopted margin']);
    expect([tab.state.flight, tab.take('load-user'), tab.take('change')]).toEqual([undefined, undefined, undefined]);
  });

  it('a failure is told by its code, a 409 as such; neither loads the user', () => {
    const tab = dueTab();
    tab.toSend();
    tab.answer(stale(3, 'refresh-1'));
    tab.read();
    tab.answer(noVerdict());
    expect(told(tab)).toEqual(['refreshing margin', 'superseded', 'refreshing margin', 'refresh_failed ERR_SERVER']);
    expect(tab.take('load-user')).toBeUndefined();
  });

  it('success forgets every failure, even where the access token stays the same', () => {
    const tab = failing(3);
    tab.input({ type: 'token-refused', accessToken: 'access-0' });
    tab.pass(8000).input({ type: 'woke' });
    tab.refresh(renewedAs('0'));
    expect(tab.state).toMatchObject({
      ...{ wanted: undefined, doubt: undefined, failures: 0, failure: undefined, retryAt: 0 },
      record: { session: { generation: 1 } },
    });
  });

  it('an answer of any kind is a word from the network, and silence is none', () => {
    const online = (verdict: RefreshVerdict): boolean => {
      const tab = failing(1, unreachable);
      expect(tab.state.online).toBe(false);
      tab.wakeAfter(2000);
      tab.toSend();
      tab.answer(verdict);
      return tab.state.online;
    };
    const answers = [renewedAs('1'), refusal, stale(0), noVerdict(), noVerdict({ code: 'ERR_STORAGE', status: 0 })];
    expect(answers.map(online)).toEqual([true, true, true, true, true]);
    expect([unreachable, noVerdict({ code: 'ERR_TIMEOUT', status: 0 })].map(online)).toEqual([false, false]);
  });

  it('an answer to a flight that is over, or not yet sent, is not listened to', () => {
    const tab = dueTab();
    expect(tab.answer(renewedAs('1')).filter(({ type }) => type !== 'wake')).toEqual([]);
    expect(tab.answer(renewedAs('1'), 1, 99).filter(({ type }) => type !== 'wake')).toEqual([]);
  });
});

describe('a refusal', () => {
  const refusedAt = (
    age: number,
    given: Parameters<typeof issuedTokens>[1] = {},
    whenRefused = 'sign-out' as const,
  ) => {
    const tab = new DrivenTab(signedInShelf(issuedTokens('0', given)), { refreshOnLoad: false, whenRefused }).start();
    tab.wakeAfter(age);
    tab.refresh(refusal);
    return tab.shelf.record?.ended?.reason;
  };

  it('is called expiry from the very end of the session on, and not before', () => {
    const end = { sessionExpiresAt: ms(storyStart + twelveMinutes) };
    expect(refusedAt(twelveMinutes, end)).toBe('expired');
    expect(refusedAt(twelveMinutes, { sessionExpiresAt: ms(storyStart + twelveMinutes + 1) })).toBe('refused');
    expect(refusedAt(twelveMinutes)).toBe('refused');
  });

  it.each([
    [899_999, undefined],
    [900_000, 'refused'],
  ])('with whenRefused keep, %d ms after the token came, ends the session as %s', (age, reason) => {
    const tab = new DrivenTab(signedInShelf(), { refreshOnLoad: false, whenRefused: 'keep' }).start();
    tab.wakeAfter(age);
    tab.refresh(refusal);
    expect(tab.shelf.record?.ended?.reason).toBe(reason);
  });

  it('with whenRefused keep, of a session and a token that end in the same moment, is called expiry', () => {
    const end = { sessionExpiresAt: ms(storyStart + 900_000) };
    const tab = new DrivenTab(signedInShelf(issuedTokens('0', end)), { refreshOnLoad: false, whenRefused: 'keep' });
    tab.start().wakeAfter(900_000);
    tab.refresh(refusal);
    expect(tab.shelf.record?.ended?.reason).toBe('expired');
  });

  it('with whenRefused keep is remembered for that refresh token alone, and told to who asks', () => {
    const tab = new DrivenTab(signedInShelf(), { refreshOnLoad: false, whenRefused: 'keep' }).start();
    tab.wakeAfter(twelveMinutes);
    tab.refresh(refusal);
    expect(told(tab)).toEqual(['refreshing margin', 'refused_kept ERR_SERVER']);
    tab.look();
    expect(tab.state.kept).toBe('refresh-0');
    const message = 'The server refuses to refresh this session; its access token is used until it expires.';
    expect(tab.outcome(tab.wantRefresh())).toMatchObject({ failure: { code: 'ERR_SERVER', message } });
    tab.shelf.record = signedInShelf(issuedTokens('1', { generation: 1 })).record;
    tab.look();
    expect(tab.state.kept).toBeUndefined();
  });
});
