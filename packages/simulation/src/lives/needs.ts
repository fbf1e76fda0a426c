import { minute, second } from './time.js';

/** What a profile's pages can do at a moment. */
export interface Chance {
  /** Pages that are awake: open, not frozen, their device not asleep. */
  readonly awake: number;
  /** All of them are in the background, where a browser fires timers once a minute. */
  readonly throttled: boolean;
  /** The device has a network, and the server answers. */
  readonly reachable: boolean;
}

/** A page that opens takes a refresh of so many milliseconds ago. */
const adoptable = 10 * second;

/**
 * A spell in reach of the server in which the app made a call, and so long, must have brought a refresh through. Without
 * a call it takes a whole period: nobody tells a page that its device has slept, and its timer may not know.
 */
const enough = minute;

/**
 * The least that a profile could have done with, reckoned from its days alone and never from what the client did.
 * `promised`: the fewest refreshes with which each page that opens has tokens at most 10 s old, and no page is awake and
 * in reach of the server with a token within its margin. `needed`: the fewest with which each call had a living token, by
 * a client that knew all calls beforehand. Both wait with each refresh as long as they may, which makes them least.
 */
export class Needs {
  promised = 0;
  needed = 0;
  /** How long a refresh was due and could not be had, times the pages that wanted it, in milliseconds. */
  stuck = 0;
  /** Since when the pages have been in reach of the server without a break. */
  #spellFrom = 0;
  /** The end of the last spell that was long enough for a refresh. */
  #presentUntil: number;
  readonly #period: number;
  readonly #lifetime: number;
  #chance: Chance = { awake: 0, throttled: false, reachable: false };
  #from = 0;
  #last = -Infinity;
  #lastForCalls = -Infinity;
  #hasOpened = false;
  #signedIn = false;
  #hasCalled = false;

  constructor(start: number, { period, lifetime }: { period: number; lifetime: number }) {
    this.#presentUntil = start;
    this.#period = period;
    this.#lifetime = lifetime;
  }

  /** From now on the pages can do this. */
  change(now: number, chance: Chance): void {
    this.#advance(now);
    const could = canRefresh(this.#chance);
    const can = canRefresh(chance);
    this.#chance = chance;
    this.#from = now;
    if (could && !can) this.#endSpell(now);
    if (!could && can) this.#beginSpell(now);
  }

  #beginSpell(now: number): void {
    this.#spellFrom = now;
    this.#hasCalled = false;
  }

  #endSpell(now: number): void {
    const lasted = now - this.#spellFrom;
    if (lasted >= (this.#hasCalled ? enough : this.#period + enough)) this.#presentUntil = now;
  }

  /** How long the profile was out of reach before the present spell, or is until now, in milliseconds. */
  awayFor(now: number): number {
    return (canRefresh(this.#chance) ? this.#spellFrom : now) - this.#presentUntil;
  }

  /** A sign-in brought tokens. */
  signedIn(now: number): void {
    this.#advance(now);
    this.#last = this.#lastForCalls = now;
    this.#hasOpened = false;
    this.#signedIn = true;
    this.#spellFrom = this.#presentUntil = now;
  }

  /** The session is over. */
  signedOut(now: number): void {
    this.#advance(now);
    this.#signedIn = false;
  }

  /** A page opened. */
  opened(now: number): void {
    this.#advance(now);
    if (!this.#signedIn || now - this.#last <= adoptable) return;
    if (canRefresh(this.#chance)) this.#refresh(now);
    else this.#hasOpened = true;
  }

  /** The app made a call. */
  called(now: number): void {
    this.#hasCalled = true;
    if (!this.#signedIn || !canRefresh(this.#chance) || now < this.#lastForCalls + this.#lifetime) return;
    this.needed += 1;
    this.#lastForCalls = now;
  }

  #refresh(at: number): void {
    this.promised += 1;
    this.#last = at;
    this.#hasOpened = false;
  }

  #advance(now: number): void {
    if (!this.#signedIn) return;
    if (!canRefresh(this.#chance)) {
      const since = this.#hasOpened ? this.#from : Math.max(this.#from, this.#last + this.#period);
      this.stuck += Math.max(0, now - since) * this.#chance.awake;
      this.#from = now;
      return;
    }
    if (this.#hasOpened) this.#refresh(this.#from);
    for (let due = this.#due(); due < now; due = this.#due()) this.#refresh(due);
  }

  #due(): number {
    const due = this.#last + this.#period;
    if (due <= this.#from) return this.#from;
    return this.#chance.throttled ? Math.ceil(due / minute) * minute : due;
  }
}

/** Whether pages can have refreshes. */
const canRefresh = ({ awake, reachable }: Chance): boolean => awake > 0 && reachable;
