import { pick } from './dice.js';
import type { BrowserProfile } from './profile.js';
import type { Tab } from './tab.js';
import { day, second } from './time.js';

/** A person uses the app on a device, until a time. */
export interface Visit {
  readonly until: number;
  readonly mostTabs: number;
  /** What becomes of the tabs afterwards. */
  readonly leave: () => void;
}

/** How often what is done at a step of a visit, by weight. */
const deeds = [
  [900, 'calls'],
  [50, 'another tab'],
  [25, 'reload'],
  [20, 'close'],
  [3, 'crash'],
  [1, 'sign-out'],
] as const;

/** Uses the app: a burst of calls now and then, and what else people do with tabs. */
export function visit(profile: BrowserProfile, { until, mostTabs, leave }: Visit): void {
  const { agenda, dice, tally } = profile.life;
  if (profile.isAsleep) return;
  tally.count('visits');
  let tab = focus(profile, mostTabs);
  const step = (): void => {
    // Whoever closes the lid leaves the tabs as they are.
    if (profile.isAsleep) return;
    if (agenda.now >= until) {
      leave();
      return;
    }
    tab = act(profile, isInUse(tab) ? tab : focus(profile, mostTabs), mostTabs);
    agenda.after(second + dice.about(90 * second), step);
  };
  step();
}

/** Nobody works in a page that is out of sight or stands still, as when another visit ended meanwhile. */
const isInUse = ({ isOpen, isHidden, isFrozen }: Tab): boolean => isOpen && !isHidden && !isFrozen;

/** The tab that the person looks at: one that is there, or another. */
function focus(profile: BrowserProfile, mostTabs: number): Tab {
  const { dice } = profile.life;
  const { tabs } = profile;
  const stays = tabs.length >= mostTabs || dice.chance(0.6);
  const tab = (stays ? tabs[dice.whole(0, tabs.length - 1)] : undefined) ?? profile.open();
  profile.show(tab);
  return tab;
}

function act(profile: BrowserProfile, tab: Tab, mostTabs: number): Tab {
  const { dice, tally } = profile.life;
  const deed = pick(dice, deeds);
  switch (deed) {
    case 'calls':
      work(profile, tab);
      return tab;
    case 'another tab':
      return focus(profile, mostTabs);
    case 'sign-out':
      signOut(profile, tab);
      return tab;
    case 'reload':
    case 'close':
    case 'crash':
      tally.count(`tabs: ${deed}`);
      profile.close(tab);
      return deed === 'reload' ? reopen(profile) : focus(profile, mostTabs);
  }
}

function reopen(profile: BrowserProfile): Tab {
  const tab = profile.open();
  profile.show(tab);
  return tab;
}

/** Calls, or a sign-in where nobody is signed in. */
function work(profile: BrowserProfile, tab: Tab): void {
  if (tab.state.known && !tab.state.record?.session) signIn(profile, tab);
  else for (let i = profile.life.dice.whole(1, 3); i > 0; i -= 1) tab.call();
}

function signIn(profile: BrowserProfile, tab: Tab): void {
  const { agenda, dice, ledger, server, serverState, tally } = profile.life;
  if (profile.link !== 'up' || serverState === 'down') return;
  // The first session began before this life did, and will be over in the midst of it.
  const isFirst = profile.record === undefined;
  const signedIn = server.signIn(agenda.now, isFirst ? dice.between(5, 365) * day : undefined);
  tally.count('sign-ins');
  profile.life.say(profile, `signs in in tab ${tab.number}`);
  ledger.began(signedIn.session, signedIn.absoluteExpiresAt * second);
  profile.signIn(tab, signedIn);
}

function signOut(profile: BrowserProfile, tab: Tab): void {
  const sessionId = profile.record?.session?.id;
  if (sessionId === undefined) return;
  profile.life.say(profile, `signs out in tab ${tab.number}`);
  profile.life.ledger.end(sessionId, 'signed out by the person');
  const { record, won } = profile.change(tab, { kind: 'signed-out', reason: 'user', sessionId, revoke: true });
  tab.input({ type: 'record', record, own: true, flight: undefined, won });
}
