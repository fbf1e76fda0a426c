import { describe, expect, it } from 'vitest';
import { type DrivenTab, dueTab, ms, noVerdict, storyStart, twelveMinutes } from '../testing/machine-driver.fixture.js';
import type { SessionState, Waiter } from './session-state.js';
import { initialState } from './session-machine.js';
import { settleRefreshWaiters, settleWaiters, tokenFor } from './waiters.js';

/** A tab whose token has so long to live, in milliseconds; its refresh is under way. */
const tabWithLeft = (left: number): DrivenTab => dueTab().pass(180_000 - left);

const waiterOf = ({ now, state }: DrivenTab, given: Partial<Waiter> = {}): Waiter => ({
  id: 1,
  kind: 'token',
  since: ms(now),
  deadline: ms(now + 5000),
  needed: ms(0),
  owner: `${state.record!.epoch}:session-a`,
  ...given,
});

const at = ({ settings, now }: DrivenTab) => ({ settings, now: ms(now) });

describe('the token for a request that does not wait', () => {
  it.each([
    [180_000, 'access-0'],
    [90_001, 'access-0'],
    [30_001, 'access-0'],
    [30_000, undefined],
    [1, undefined],
    [0, undefined],
  ])('with %d ms to live is %s', (left, token) => {
    const tab = tabWithLeft(left);
    expect(tokenFor(tab.state, at(tab))).toBe(token);
  });

  it('is none before the record is known, where nobody is signed in, and where nobody ever was', () => {
    const tab = tabWithLeft(180_000);
    expect(tokenFor({ ...tab.state, known: false }, at(tab))).toBeUndefined();
    const out = { ...tab.state, record: { ...tab.state.record!, session: null } };
    expect(tokenFor(out, at(tab))).toBeUndefined();
    expect(tokenFor({ ...initialState, known: true }, at(tab))).toBeUndefined();
  });

  it('is not one that the API has refused; that it refused another, or a clock is doubted, is of no account', () => {
    const tab = tabWithLeft(180_000);
    const doubting = (doubt: SessionState['doubt']) => tokenFor({ ...tab.state, doubt }, at(tab));
    expect(doubting({ accessToken: 'access-0', cause: 'refused' })).toBeUndefined();
    expect(doubting({ accessToken: 'access-9', cause: 'refused' })).toBe('access-0');
    expect(doubting({ accessToken: 'access-0', cause: 'clock' })).toBe('access-0');
  });
});

describe('the token for a request that waits, near the end of the token', () => {
  const now = storyStart + twelveMinutes + 150_000;
  const given = (waiter: Partial<Waiter>, state: Partial<SessionState> = {}) => {
    const tab = tabWithLeft(30_000);
    expect(tab.now).toBe(now);
    return tokenFor({ ...tab.state, ...state }, { ...at(tab), waiter: waiterOf(tab, waiter) });
  };

  it('is held back while a refresh may bring a better one', () => {
    expect(given({})).toBeUndefined();
  });

  it('is what there is once the wait is over, to the millisecond', () => {
    expect(given({ deadline: ms(now + 1) })).toBeUndefined();
    expect(given({ deadline: ms(now) })).toBe('access-0');
  });

  it('is what there is once a refresh has failed, or was made since and brought no more', () => {
    expect(given({}, { failures: 1 })).toBe('access-0');
    expect(given({ since: ms(storyStart) })).toBe('access-0');
    expect(given({ since: ms(storyStart + 1) })).toBeUndefined();
  });

  it('is what there is where nothing can refresh it', () => {
    expect(given({}, { kept: 'refresh-0' })).toBe('access-0');
    expect(given({}, { kept: 'refresh-9' })).toBeUndefined();
  });

  it('must live as long as it is needed', () => {
    const early = tabWithLeft(180_000);
    const needing = (needed: number) =>
      tokenFor(early.state, { ...at(early), waiter: waiterOf(early, { needed: ms(needed) }) });
    expect([needing(179_999), needing(180_000)]).toEqual(['access-0', undefined]);
  });
});

describe('when a refresh is over', () => {
  const waiters = () => [waiterOf(dueTab(), { id: 1, kind: 'refresh' }), waiterOf(dueTab(), { id: 2 })];

  it('those who asked for it hear so, and wait no longer; those who wait for a token still do', () => {
    expect(settleRefreshWaiters(waiters(), undefined)).toEqual({
      waiters: waiters().slice(1),
      effects: [{ type: 'give', waiter: 1, accessToken: undefined }],
    });
  });

  it('they hear why it failed', () => {
    const failure = { code: 'ERR_SERVER', message: 'No.', retryAfterSeconds: undefined } as const;
    expect(settleRefreshWaiters(waiters(), failure).effects).toEqual([{ type: 'fail', waiter: 1, failure }]);
  });
});

describe('a wait', () => {
  it('for a refresh is over at its deadline, with what went wrong last, or that it took too long', () => {
    const tab = tabWithLeft(180_000);
    const waiter = waiterOf(tab, { kind: 'refresh', deadline: ms(tab.now) });
    const ends = (state: Partial<SessionState>, now = tab.now) =>
      settleWaiters({ ...tab.state, waiters: [waiter], ...state }, tab.settings, ms(now)).effects;
    expect(ends({}, tab.now - 1)).toEqual([]);
    const message = expect.stringContaining('The session is kept; try again.') as string;
    expect(ends({})).toMatchObject([{ type: 'fail', failure: { code: 'ERR_TIMEOUT', message } }]);
    const { failure } = failedTab().state;
    expect(ends({ failure })).toEqual([{ type: 'fail', waiter: 1, failure }]);
  });

  it('that began before the record was known belongs to whoever is found', () => {
    const tab = tabWithLeft(30_000);
    const early = waiterOf(tab, { owner: undefined });
    const settle = (known: boolean) =>
      settleWaiters({ ...tab.state, known, waiters: [early] }, tab.settings, ms(tab.now)).waiters[0]?.owner;
    expect([settle(false), settle(true)]).toEqual([undefined, '1:session-a']);
  });

  it('before the record is known ends at its deadline, too', () => {
    const tab = tabWithLeft(30_000);
    const state = { ...tab.state, known: false, waiters: [waiterOf(tab, { deadline: ms(tab.now) })] };
    expect(settleWaiters(state, tab.settings, ms(tab.now)).effects).toMatchObject([
      { type: 'fail', failure: { code: 'ERR_TIMEOUT' } },
    ]);
    expect(settleWaiters(state, tab.settings, ms(tab.now - 1)).effects).toEqual([]);
  });

  it('with an expired token is hopeless without a network once no refresh is under way, and else goes on', () => {
    const tab = dueTab().pass(twelveMinutes);
    const ends = (given: Partial<SessionState>) => {
      const state = { ...tab.state, waiters: [waiterOf(tab)], ...given };
      return settleWaiters(state, tab.settings, ms(tab.now)).effects.length;
    };
    const offline = { code: 'ERR_NETWORK', message: 'No.', retryAfterSeconds: undefined } as const;
    expect(ends({ failure: offline })).toBe(0);
    expect(ends({ failure: offline, flight: undefined })).toBe(1);
    expect(ends({ failure: { ...offline, code: 'ERR_SERVER' }, flight: undefined })).toBe(0);
    expect(ends({ flight: undefined, kept: 'refresh-0' })).toBe(1);
  });
});

function failedTab(): DrivenTab {
  const tab = dueTab();
  tab.refresh(noVerdict());
  return tab;
}
