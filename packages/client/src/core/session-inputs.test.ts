import { describe, expect, it } from 'vitest';
import {
  DrivenTab,
  dueTab,
  issuedTokens,
  ms,
  noVerdict,
  renewedAs,
  signInWith,
  signedInShelf,
  storyStart,
  twelveMinutes,
  unreachable,
} from '../testing/machine-driver.fixture.js';
import { initialState } from './session-machine.js';
import type { SessionRecord } from './session-record.js';
import { type SessionInput, type SessionState, cannotRefresh } from './session-state.js';

const minute = 60_000;
const settledTab = (): DrivenTab => new DrivenTab(signedInShelf(), { refreshOnLoad: false }).start();
const signedOut = (): DrivenTab => new DrivenTab({ record: undefined }).start();
const ofAnother = (): SessionRecord => signedInShelf(issuedTokens('b', { sessionId: 'session-b' })).record!;

/** What an input makes the machine ask for, beside the next look. */
const asked = (tab: DrivenTab, input: SessionInput): string[] =>
  tab
    .input(input)
    .map(({ type }) => type)
    .filter((type) => type !== 'wake');

describe('an input that changes nothing', () => {
  it.each<[string, SessionInput]>([
    ['a wake-up', { type: 'woke' }],
    ['going offline', { type: 'network', online: false }],
    ['somebody who leaves and was not there', { type: 'waiter-left', id: 9 }],
    ['a refusal of another token', { type: 'token-refused', accessToken: 'access-9' }],
    ['a lock for a flight that is over', { type: 'lock-settled', flight: 9 }],
  ])('%s, asks for nothing, whether somebody is signed in or not', (_, input) => {
    for (const tab of [settledTab(), signedOut()]) expect(asked(tab, input)).toEqual([]);
  });

  it('nothing is there before the first', () => {
    expect(initialState).toMatchObject({ waiters: [], sends: [], known: false });
  });

  it('a second start where nobody is signed in reads once more, and tells no server of anything', () => {
    const tab = signedOut();
    expect(asked(tab, { type: 'started', hint: undefined, online: true })).toEqual(['read']);
    expect(tab.all('revoke')).toEqual([]);
  });
});

describe('somebody who waits', () => {
  it('and leaves, leaves the others waiting', () => {
    const tab = settledTab().pass(16 * minute);
    const [first, second] = [tab.wantToken(), tab.wantToken()];
    tab.input({ type: 'waiter-left', id: first });
    tab.refresh(renewedAs('1'));
    expect([tab.outcome(first), tab.outcome(second)?.type]).toEqual([undefined, 'give']);
  });

  it('for a refresh is patient for twice as long as a lock may take', () => {
    const tab = settledTab().pass(minute);
    const waiter = tab.wantRefresh();
    tab.toSend();
    tab.wakeAfter(29_999);
    expect(tab.outcome(waiter)).toBeUndefined();
    tab.wakeAfter(1);
    expect(tab.outcome(waiter)).toMatchObject({ type: 'fail', failure: { code: 'ERR_TIMEOUT' } });
  });

  it('waits five seconds at most when the clock is set back, and not less', () => {
    const tab = settledTab().pass(16 * minute);
    const waiter = tab.wantToken();
    tab.toSend();
    tab.now -= 60 * minute;
    tab.input({ type: 'woke' });
    // The API has refused the token, too, which is of the future now.
    tab.input({ type: 'token-refused', accessToken: 'access-0' });
    const late = tab.wantToken();
    tab.now -= 60 * minute;
    tab.input({ type: 'woke' });
    tab.wakeAfter(4999);
    expect([tab.outcome(waiter), tab.outcome(late)]).toEqual([undefined, undefined]);
    tab.wakeAfter(1);
    expect([tab.outcome(waiter)?.type, tab.outcome(late)?.type]).toEqual(['fail', 'fail']);
  });

  it('asked for a refresh is not served by one that was made before, though a page that opens is', () => {
    const tab = settledTab().pass(5000);
    tab.wantRefresh();
    tab.look();
    expect(tab.state.wanted).toMatchObject({ cause: 'explicit' });
    expect(tab.toSend()).toBeDefined();
  });

  it('asked for a refresh is served by one of the same moment, and by none of a time to come', () => {
    const at = (refreshedAt: number) => {
      const tab = settledTab().pass(minute);
      tab.wantRefresh();
      tab.shelf.record = signedInShelf(issuedTokens('1', { refreshedAt: ms(refreshedAt) })).record;
      tab.look();
      return tab.state.wanted;
    };
    expect(at(storyStart + minute)).toBeUndefined();
    expect(at(storyStart + minute + 1)).toMatchObject({ cause: 'explicit' });
    expect(at(storyStart + minute - 1)).toMatchObject({ cause: 'explicit' });
  });
});

describe('a refusal of the API', () => {
  it('of an old token does not clear the current one', () => {
    const tab = settledTab().pass(minute);
    tab.input({ type: 'token-refused', accessToken: 'access-0' });
    tab.input({ type: 'token-refused', accessToken: 'access-older' });
    expect(tab.state.doubt).toEqual({ accessToken: 'access-0', cause: 'refused' });
  });

  it('outlives a clock that is set back, and ends with the token', () => {
    const tab = settledTab().pass(minute);
    tab.input({ type: 'token-refused', accessToken: 'access-0' });
    tab.now -= 30_000;
    tab.input({ type: 'woke' });
    expect(tab.state.doubt).toMatchObject({ cause: 'refused' });
    tab.shelf.record = signedInShelf(issuedTokens('1', { refreshedAt: ms(tab.now) })).record;
    tab.look();
    expect(tab.state.doubt).toBeUndefined();
  });

  it('and a clock that is set back, are nothing to who is signed out', () => {
    const ended = { ...signedInShelf().record!, session: null };
    for (const tab of [signedOut(), new DrivenTab({ record: ended }).start()]) {
      tab.input({ type: 'token-refused', accessToken: 'access-0' });
      tab.now -= minute;
      tab.input({ type: 'woke' });
      expect(tab.state.doubt).toBeUndefined();
    }
  });
});

describe('the network', () => {
  const offline = (): DrivenTab => {
    const tab = dueTab();
    tab.refresh(unreachable);
    return tab;
  };

  it('is there again when another tab has fetched tokens, and not for a look at the same record or none', () => {
    const tab = offline();
    tab.look();
    expect(tab.state.online).toBe(false);
    const { record } = tab.shelf;
    for (const nobody of [{ ...record!, session: null }, record, undefined]) {
      tab.shelf.record = nobody;
      tab.look();
      if (!nobody?.session) expect(tab.state.online).toBe(false);
      else tab.state = { ...tab.state, online: false };
    }
    tab.shelf.record = ofAnother();
    tab.look();
    expect(tab.state.online).toBe(true);
  });

  it('is not shown by the first record that a page reads', () => {
    const tab = new DrivenTab(signedInShelf());
    tab.input({ type: 'started', hint: undefined, online: false });
    tab.look();
    expect(tab.state.online).toBe(false);
  });

  it('that comes back ends the back-off, and its own failure alone; the record is read', () => {
    const tab = offline();
    expect(asked(tab, { type: 'network', online: true })).toContain('read');
    expect(tab.state).toMatchObject({ online: true, failure: undefined, retryAt: 0 });
    const down = dueTab();
    down.refresh(noVerdict());
    down.input({ type: 'network', online: true });
    expect(down.state).toMatchObject({ failure: { code: 'ERR_SERVER' }, retryAt: 0 });
  });

  it('that goes leaves the back-off as it is', () => {
    const tab = dueTab();
    tab.refresh(noVerdict());
    const { retryAt } = tab.state;
    tab.input({ type: 'network', online: false });
    expect(tab.state).toMatchObject({ online: false, retryAt });
  });
});

describe('a record that another tab has changed', () => {
  it('with new tokens ends this tab’s failures and their back-off', () => {
    const tab = dueTab();
    tab.refresh(noVerdict());
    tab.input({ type: 'token-refused', accessToken: 'access-0' });
    tab.shelf.record = signedInShelf(issuedTokens('1', { generation: 1, refreshedAt: ms(tab.now) })).record;
    tab.look();
    expect(tab.state).toMatchObject({ failures: 0, failure: undefined, retryAt: 0, doubt: undefined });
  });

  it('with the same tokens leaves them', () => {
    const tab = dueTab();
    tab.refresh(noVerdict());
    const { failures, retryAt } = tab.state;
    tab.look();
    expect(tab.state).toMatchObject({ failures, retryAt, failure: { code: 'ERR_SERVER' } });
  });

  it.each([
    ['user', 'elsewhere'],
    ['refused', 'refused'],
    ['inactive', 'inactive'],
    ['expired', 'expired'],
  ] as const)('by a sign-out as %s is one as %s here', (reason, heard) => {
    const tab = settledTab();
    tab.shelf.record = { ...tab.shelf.record!, session: null, ended: { sessionId: 'session-a', reason } };
    tab.look();
    expect(tab.all('signed-out')).toEqual([{ type: 'signed-out', reason: heard }]);
  });

  it('by taking it away, or the reason, is a sign-out elsewhere', () => {
    for (const record of [undefined, { ...ofAnother(), session: null }]) {
      const tab = settledTab();
      tab.shelf.record = record;
      tab.look();
      expect(tab.all('signed-out')).toEqual([{ type: 'signed-out', reason: 'elsewhere' }]);
    }
  });
});

describe('a session that nothing can refresh', () => {
  it('is not ended by a copy that this tab has not yet compared with the record', () => {
    const shelf = signedInShelf(issuedTokens('0', { refreshToken: undefined }));
    const tab = new DrivenTab(shelf).pass(16 * minute);
    tab.input({ type: 'started', hint: shelf.record, online: true });
    expect(tab.take('change')).toBeUndefined();
    tab.look();
    expect(tab.take('change')).toBeDefined();
  });

  it('ends with its token, to the millisecond, as expired', () => {
    const tab = new DrivenTab(signedInShelf(issuedTokens('0', { refreshToken: undefined }))).start();
    tab.wakeAfter(15 * minute - 1);
    expect(tab.take('change')).toBeUndefined();
    tab.wakeAfter(1);
    expect(tab.take('change')).toMatchObject({ change: { kind: 'refused', reason: 'expired', revoke: false } });
  });
});

it('only somebody who is signed in can be without a way to refresh', () => {
  const ended = { ...signedInShelf().record!, session: null };
  const unable = (state: Partial<SessionState>) => cannotRefresh({ ...initialState, ...state });
  expect([unable({}), unable({ record: ended }), unable({ record: ended, kept: 'refresh-0' })]).toEqual([
    false,
    false,
    false,
  ]);
  const { record } = signedInShelf();
  expect([unable({ record }), unable({ record, kept: 'refresh-0' }), unable({ record, kept: 'x' })]).toEqual([
    false,
    true,
    false,
  ]);
});

it('a sign-in while a refresh is due makes the other person’s, and lets the lock of the first go', () => {
  const tab = dueTab();
  const { id } = tab.state.flight!;
  tab.change(signInWith(issuedTokens('b', { sessionId: 'session-b', refreshedAt: ms(storyStart + twelveMinutes) })));
  expect(tab.take('release-lock')).toEqual({ type: 'release-lock', flight: id });
  expect(tab.state.flight).toBeUndefined();
});
