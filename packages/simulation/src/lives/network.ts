import type { Effect, TransientVerdict } from '@latchkey/client/core';
import { type Seconds, seconds } from '@latchkey/protocol';
import { pick } from './dice.js';
import type { Page, Profile } from './parts.js';
import type { Presented, Reply } from './server.js';
import { hour, minute, second } from './time.js';

/** How long the client waits for an answer: its default. */
const patience = 10 * second;

/** What befalls a refresh on its way, by weight. The person's own network and the server have faults beside these. */
const fates = [
  [980, 'none'],
  [3, 'request lost'],
  [3, 'answer lost'],
  [3, 'answer later than anybody waits'],
  [3, 'request repeated by the browser'],
  [2, 'request repeated minutes later'],
  [2, 'answer cut short'],
  [1, 'tab closed in mid-refresh'],
  [1, 'tab frozen in mid-refresh'],
  [1, 'device asleep in mid-refresh'],
] as const;

type Fate = (typeof fates)[number][1];

/** A round trip that takes longer may keep a call waiting for longer than it will. */
const slow = 2 * second;

/** One way through the person's network, in milliseconds. */
export function delayOf({ life: { dice }, slowness }: Profile): number {
  return slowness * (15 + dice.about(30));
}

/** A refresh on its way. */
interface Sent {
  readonly page: Page;
  readonly at: number;
  readonly flight: number;
  readonly presented: Presented;
  readonly fate: Fate;
}

/** Sends a refresh, and sees to it that the page hears what comes of it. */
export function sendRefresh(page: Page, effect: Extract<Effect, { type: 'send' }>): void {
  const { life } = page.profile;
  const { flight, refreshToken, final } = effect;
  const key = life.rules.keyOf(page.number, life.tally.of('refreshes sent'));
  life.tally.count('refreshes sent');
  if (page.profile.link !== 'up' || life.serverState !== 'up') life.tally.count('refreshes sent in vain');
  const fate = pick(life.dice, fates);
  const sent: Sent = { page, at: life.agenda.now, flight, presented: { refreshToken, final, key }, fate };
  life.say(page.profile, `tab ${page.number} sends a refresh (${page.state.flight?.cause ?? ''}), ${fate}`);
  if (page.profile.link === 'down') failToLeave(sent);
  else leave(sent);
}

const hear = ({ page, flight }: Sent, reply: Reply): void => page.hear({ type: 'answered', flight, ...reply });

/** Nobody answers: the client gives up. */
function hearNothing(sent: Sent): void {
  const until = sent.at + patience;
  sent.page.profile.trouble(until);
  sent.page.profile.life.agenda.at(until, () => hear(sent, timedOut));
}

function failToLeave(sent: Sent): void {
  const { profile } = sent.page;
  const { agenda, dice, tally } = profile.life;
  tally.count('fault: no network');
  profile.trouble();
  if (dice.chance(0.3)) hearNothing(sent);
  else agenda.after(20, () => hear(sent, noNetwork));
}

function leave(sent: Sent): void {
  const { page, fate } = sent;
  const { profile } = page;
  const { agenda, dice, tally } = profile.life;
  if (fate !== 'none' && befall(page, fate)) tally.count(`fault: ${fate}`);
  if (fate === 'request lost') {
    hearNothing(sent);
    return;
  }
  const there = delayOf(profile);
  const back = delayOf(profile) + (fate === 'answer lost' || fate === 'answer later than anybody waits' ? patience : 0);
  if (there + back > slow) profile.trouble(sent.at + Math.min(patience, there + back));
  agenda.after(there, () => {
    const first = arrive(profile, sent.presented);
    if (fate === 'request repeated minutes later')
      agenda.after(dice.about(hour), () => void arrive(profile, sent.presented));
    if (fate !== 'request repeated by the browser') agenda.after(back, () => comeBack(sent, first));
    else
      agenda.after(dice.between(2, 20), () => {
        const again = arrive(profile, sent.presented);
        agenda.after(back, () => comeBack(sent, again));
      });
  });
}

/** The answer is there, unless it was lost on the way; what comes after the client's wait is never heard. */
function comeBack(sent: Sent, reply: Reply): void {
  const { page, fate } = sent;
  const { agenda, serverState, tally } = page.profile.life;
  const isCut = serverState === 'down' && reply.verdict.kind !== 'transient';
  if (isCut) tally.count('fault: answer cut off by a restart');
  const isLate = agenda.now - sent.at >= patience;
  if (isCut || isLate || page.profile.link === 'down') hearNothing(sent);
  else hear(sent, fate === 'answer cut short' ? garbled(page.profile) : reply);
}

/** What befalls the page itself while it waits. False if that cannot happen to it: pages in sight are not frozen. */
function befall(tab: Page, fate: Fate): boolean {
  const { profile } = tab;
  const { agenda, dice } = profile.life;
  if (fate === 'tab closed in mid-refresh') agenda.after(40, () => tab.isOpen && profile.close(tab));
  if (fate === 'tab frozen in mid-refresh') {
    if (!tab.isHidden) return false;
    agenda.after(40, () => profile.freeze(tab));
    agenda.after(40 + dice.about(20 * minute), () => tab.isOpen && profile.thaw(tab));
  }
  if (fate === 'device asleep in mid-refresh') {
    agenda.after(40, () => profile.sleep());
    agenda.after(40 + dice.about(10 * minute), () => profile.wake());
  }
  return true;
}

/** A refresh arrives at whoever answers there. */
function arrive(profile: Profile, presented: Presented): Reply {
  const { life } = profile;
  const { agenda, dice, server, tally } = life;
  if (profile.link === 'portal') {
    tally.count('fault: captive portal');
    return garbled(profile);
  }
  if (life.serverState === 'down') {
    tally.count('fault: 503');
    return unavailable(profile, 503, dice.chance(0.2) ? dice.whole(1, 30) : 0);
  }
  if (life.serverState === 'rush' && dice.chance(0.5)) {
    tally.count('fault: 429');
    return unavailable(profile, 429, dice.whole(1, 20));
  }
  const { reply, outcome } = server.refresh(presented, agenda.now);
  tally.count(`outcome: ${outcome}`);
  life.say(profile, `the server decides: ${outcome}`);
  return reply;
}

/** A sign-out on its way to the server; the record forgets it once it has been heard. */
export function sendSignOut(tab: Page, refreshToken: string): void {
  const { profile } = tab;
  const { agenda, server, tally } = profile.life;
  tally.count('sign-outs sent');
  agenda.after(delayOf(profile), () => {
    if (profile.link !== 'up' || profile.life.serverState === 'down') return;
    server.signOut(refreshToken, agenda.now);
    const { record, won } = profile.change(tab, { kind: 'revoked', refreshToken });
    if (tab.isOpen) tab.hear({ type: 'record', record, own: true, flight: undefined, won });
  });
}

const noVerdict = (code: TransientVerdict['code'], status: number, retryAfter?: Seconds): Reply => ({
  verdict: { kind: 'transient', code, message: '', status, retryAfter },
  generation: undefined,
});

const timedOut = noVerdict('ERR_TIMEOUT', 0);

const noNetwork = noVerdict('ERR_NETWORK', 0);

/** A page of HTML, or half of an answer. */
function garbled(profile: Profile): Reply {
  profile.trouble();
  return noVerdict('ERR_BAD_ANSWER', 200);
}

/** The server asks to come back later; 0 seconds: whenever one likes. */
function unavailable(profile: Profile, status: 429 | 503, afterSeconds: number): Reply {
  profile.trouble(profile.life.agenda.now + afterSeconds * second);
  const retryAfter = afterSeconds > 0 ? seconds(afterSeconds) : undefined;
  return noVerdict(status === 429 ? 'ERR_THROTTLED' : 'ERR_SERVER', status, retryAfter);
}
