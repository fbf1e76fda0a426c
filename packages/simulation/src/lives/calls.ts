import type { Failure } from '@latchkey/client/core';
import { milliseconds } from '@latchkey/protocol';
import { delayOf } from './network.js';
import type { Page } from './parts.js';
import { second } from './time.js';

/**
 * How long after a fault a call may still fail: a refresh that nobody answers is given up after 10 s, and demand makes the
 * next one 5 s after it was sent. What is later than that had nothing in its way.
 */
const recovery = 15 * second;

/** The call has its token and goes to the API; a 401 is answered by one refresh and sent once more. */
export function sendCall(tab: Page, id: number, accessToken: string | undefined): void {
  const { profile } = tab;
  const { life } = profile;
  const call = tab.calls.get(id);
  if (!call) return;
  if (accessToken === undefined) {
    end(tab, id, 'without a session');
    return;
  }
  // The person has signed out, and a tab goes on as them.
  if (life.ledger.isOver(accessToken.split('/')[0] ?? ''))
    life.breach('a call was made with a session that the person had ended');
  life.agenda.after(delayOf(profile), () => {
    if (!tab.isOpen) return;
    const isUp = profile.link === 'up' && life.serverState !== 'down';
    if (!isUp || tab.isStopped) end(tab, id, 'met no network or no server');
    else if (life.server.accepts(accessToken, life.agenda.now)) end(tab, id, 'answered');
    else refuse(tab, id, accessToken);
  });
}

function refuse(tab: Page, id: number, accessToken: string): void {
  const { life, name } = tab.profile;
  const call = tab.calls.get(id);
  if (!call) return;
  life.tally.count('calls refused once');
  call.refused += 1;
  if (call.refused === 2) {
    life.breach(`the app saw a 401 (${name})`);
    end(tab, id, 'answered 401');
    return;
  }
  tab.input({ type: 'token-refused', accessToken });
  tab.input({ type: 'token-wanted', id, needed: milliseconds(0) });
}

/** The call has no token: judged by whether anything stood in its way. */
export function failCall(tab: Page, id: number, failure: Failure | 'signed-out' | 'session-changed'): void {
  const call = tab.calls.get(id);
  if (!call) return;
  const { profile } = tab;
  if (typeof failure === 'string') {
    end(tab, id, 'ended with the session');
  } else if (!profile.wasClear(call.madeAt, recovery)) {
    end(tab, id, 'failed beside a fault');
  } else {
    end(tab, id, 'failed with nothing in the way');
    profile.life.breach(`a call failed with nothing in its way (${failure.code})`);
  }
}

function end(tab: Page, id: number, how: string): void {
  tab.calls.delete(id);
  tab.profile.life.tally.count(`calls ${how}`);
}
