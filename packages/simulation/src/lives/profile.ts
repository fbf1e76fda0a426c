import type { ChangeOutcome, RecordChange, SessionRecord, SignedOutReason } from '@latchkey/client/core';
import { milliseconds } from '@latchkey/protocol';
import { periodOf } from './app.js';
import type { DeviceClock } from './clock.js';
import { Lock } from './lock.js';
import { Needs } from './needs.js';
import type { Page, Profile, Surroundings } from './parts.js';
import type { SignedIn } from './server.js';
import { Tab } from './tab.js';
import { hour, second } from './time.js';

/** What a device is like, for good. */
export interface DeviceNature {
  readonly name: string;
  readonly clock: DeviceClock;
  readonly hasLocks: boolean;
  /** Whether pages are told that the network has gone or is back, and that the device has woken up. */
  readonly tellsNetwork: boolean;
  readonly tellsWaking: boolean;
}

/** How long the tabs take to hear of a change, in milliseconds. */
const hintDelay = 3;

/** A browser profile on a device: its tabs, the record that they share, their lock, their network. */
export class BrowserProfile implements Profile {
  readonly life: Surroundings;
  readonly name: string;
  readonly clock: DeviceClock;
  readonly lock: Lock;
  readonly needs: Needs;
  readonly #nature: DeviceNature;
  tabs: Tab[] = [];
  record: SessionRecord | undefined;
  /** The record after each of the last refreshes, oldest first: what a crash of the browser may bring back. */
  #earlier: (SessionRecord | undefined)[] = [];
  isAsleep = false;
  #asleepSince = 0;
  /** `portal`: whatever is asked for, a page of somebody else's comes back. */
  link: Profile['link'] = 'up';
  /** How much slower than usual the network is. */
  slowness = 1;
  /** Until when something stood in the way that no client can do anything about. */
  troubleUntil = 0;
  #opened = 0;

  constructor(life: Surroundings, nature: DeviceNature) {
    this.life = life;
    this.name = nature.name;
    this.clock = nature.clock;
    this.#nature = nature;
    this.lock = new Lock(nature.hasLocks, life);
    this.needs = new Needs(life.agenda.now, {
      period: periodOf(life.app),
      lifetime: life.app.accessSeconds * 1000,
    });
  }

  get saysOnline(): boolean {
    return this.link !== 'down' || !this.#nature.tellsNetwork;
  }

  /** Whether nothing stood in the way of a call that was made then. */
  wasClear(madeAt: number, recovery: number): boolean {
    const { troubleUntil } = this.life;
    if (this.link !== 'up' || this.lock.isHeldByAStoppedTab) return false;
    return madeAt - recovery > Math.max(this.troubleUntil, troubleUntil);
  }

  /** Something stands in the way until then. */
  trouble(until: number = this.life.agenda.now): void {
    this.troubleUntil = Math.max(this.troubleUntil, until);
  }

  open(): Tab {
    const tab = new Tab(this, ++this.#opened);
    this.life.say(this, `tab ${tab.number} opens`);
    this.life.tally.count('tabs opened');
    this.tabs.push(tab);
    this.changed();
    this.needs.opened(this.life.agenda.now);
    tab.start();
    return tab;
  }

  close(page: Page): void {
    for (const tab of this.tabs) if (tab === page) tab.close();
    this.tabs = this.tabs.filter((tab) => tab !== page);
    this.lock.release(page);
    this.changed();
  }

  /** The person's tab; the others go to the background, but for windows that stay in sight beside it. */
  show(shown: Tab | undefined): void {
    for (const tab of this.tabs) {
      const isShown = tab === shown || (!tab.isHidden && shown !== undefined && this.life.dice.chance(0.2));
      if (tab.isHidden === isShown) tab.show(isShown);
    }
    this.changed();
    if (shown) this.thaw(shown);
  }

  freeze(page: Page): void {
    const tab = this.tabs.find((one) => one === page);
    if (!tab || tab.isFrozen) return;
    this.life.say(this, `tab ${tab.number} is frozen`);
    this.life.tally.count('tabs frozen');
    tab.isFrozen = true;
    this.changed();
  }

  thaw(page: Page): void {
    const tab = this.tabs.find((one) => one === page);
    if (!tab) return;
    const wasFrozen = tab.isFrozen;
    tab.isFrozen = false;
    this.changed();
    if (wasFrozen) {
      this.trouble();
      tab.goOn(() => this.life.dice.chance(0.5));
    }
    // `visibilitychange`, `resume`: look again.
    tab.look();
  }

  sleep(): void {
    if (this.isAsleep) return;
    this.life.say(this, 'falls asleep');
    this.life.tally.count('sleeps');
    this.isAsleep = true;
    this.#asleepSince = this.life.agenda.now;
    this.changed();
  }

  wake(): void {
    if (!this.isAsleep) return;
    this.life.say(this, 'wakes up');
    this.isAsleep = false;
    this.clock.slept(this.life.agenda.now - this.#asleepSince);
    this.trouble();
    this.changed();
    for (const tab of this.tabs) {
      tab.goOn(() => this.life.dice.chance(0.5));
      if (this.#nature.tellsWaking && !tab.isHidden) tab.look();
    }
  }

  connect(link: Profile['link']): void {
    if (link === this.link) return;
    this.life.say(this, `network ${link}`);
    this.life.tally.count(link === 'portal' ? 'captive portals' : link === 'down' ? 'networks lost' : 'networks back');
    const before = this.saysOnline;
    this.link = link;
    this.trouble();
    this.changed();
    if (this.saysOnline !== before) for (const tab of this.tabs) tab.hear({ type: 'network', online: this.saysOnline });
  }

  /** The browser is gone at once, and what it wrote last perhaps with it. */
  crash(rollback: number): void {
    this.life.say(this, `browser crashes, ${rollback} writes lost`);
    for (const tab of this.tabs) tab.close();
    for (const tab of this.tabs) this.lock.release(tab);
    this.tabs = [];
    if (rollback > 0 && rollback <= this.#earlier.length) {
      this.life.tally.count('storage rolled back');
      this.record = this.#earlier.at(-rollback);
      this.#earlier = this.#earlier.slice(0, -rollback);
    }
    this.changed();
  }

  /** One transaction on the record; the other tabs hear of it. */
  change(tab: Page, change: RecordChange): ChangeOutcome {
    const outcome = this.life.rules.applyChange(this.record, change);
    if (!outcome.won) return outcome;
    // A disk that loses a sign-in or a sign-out has lost it: only refreshes are put at stake.
    this.#earlier = change.kind === 'tokens' ? [...this.#earlier.slice(-3), this.record] : [];
    this.record = outcome.record;
    if (this.tabs.length > 1)
      this.life.agenda.after(hintDelay, () => {
        for (const other of this.tabs) if (other !== tab) other.look();
      });
    return outcome;
  }

  /** Stores the tokens of a sign-in, dated on the clock of this device. */
  signIn(tab: Page, given: SignedIn): void {
    const { app, agenda } = this.life;
    const { session: sessionId, accessToken, refreshToken, absoluteExpiresAt } = given;
    const now = this.clock.wall();
    const left = Math.min(app.idleSeconds * second, absoluteExpiresAt * second - agenda.now);
    const tokens = {
      sessionId,
      accessToken,
      refreshToken,
      user: undefined,
      generation: 0,
      refreshedAt: now,
      usableFrom: now,
      accessExpiresAt: milliseconds(now + app.accessSeconds * second),
      sessionExpiresAt: milliseconds(now + left),
    };
    const change = { kind: 'signed-in', endpoint: 'server', tokens, tier: 'K', remember: true } as const;
    const { record, won } = this.change(tab, change);
    this.needs.signedIn(agenda.now);
    tab.input({ type: 'record', record, own: true, flight: undefined, won });
  }

  /** A tab was told that its session is over. */
  signedOut(session: string, reason: SignedOutReason): void {
    const { app, agenda } = this.life;
    const idle = (app.idleSeconds - app.accessSeconds) * second - hour;
    const isAway = this.needs.awayFor(agenda.now) >= idle;
    this.needs.signedOut(agenda.now);
    this.life.signedOut(this, { session, reason, isAway });
  }

  /** What the pages can do is looked at anew. */
  changed(): void {
    const awake = this.isAsleep ? [] : this.tabs.filter((tab) => !tab.isFrozen);
    this.needs.change(this.life.agenda.now, {
      awake: awake.length,
      throttled: awake.every((tab) => tab.isHidden),
      reachable: this.link === 'up' && this.life.serverState === 'up',
    });
  }
}
