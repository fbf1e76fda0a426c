import { type Effect, type SessionInput, type SessionState, initialState } from '@latchkey/client/core';
import { milliseconds } from '@latchkey/protocol';
import { settings } from './app.js';
import { failCall, sendCall } from './calls.js';
import { sendRefresh, sendSignOut } from './network.js';
import type { Call, Page, Profile } from './parts.js';
import { minute } from './time.js';

/** More wake-ups than this in a minute are a loop. */
const mostWakes = 600;

/** A page: runs the client's machine, and does at once what it says, but for what takes its time. */
export class Tab implements Page {
  readonly profile: Profile;
  readonly number: number;
  readonly calls = new Map<number, Call>();
  state: SessionState = initialState;
  isOpen = true;
  isHidden = false;
  isFrozen = false;
  #inputs: SessionInput[] = [];
  #isBusy = false;
  /** What a page that is stopped will hear first when it goes on. */
  #late: SessionInput[] = [];
  /** When the machine wants to look again: by the wall clock as it was asked for, and by the clock of timers. */
  #wake: { at: number; due: number } | undefined;
  /** Raised with each timer, so that those before it are not listened to. */
  #timer = 0;
  #wakes = { from: 0, count: 0 };
  #names = 0;

  constructor(profile: Profile, number: number) {
    this.profile = profile;
    this.number = number;
  }

  /** Neither timers nor answers are heard. */
  get isStopped(): boolean {
    return this.isFrozen || this.profile.isAsleep;
  }

  start(): void {
    this.input({ type: 'started', hint: this.profile.record, online: this.profile.saysOnline });
  }

  /** The page hears of something: now, or when it goes on. */
  hear(input: SessionInput): void {
    if (!this.isOpen) return;
    if (this.isStopped) this.#late.push(input);
    else this.input(input);
  }

  /** Something may have changed: the record is read again. */
  look(flight?: number): void {
    this.hear({ type: 'record', record: this.profile.record, own: false, flight, won: false });
  }

  /** The page goes on after a freeze or a sleep. Of the connections that it had, some did not live. */
  goOn(survives: () => boolean): void {
    if (!this.isOpen || this.isStopped) return;
    const late = this.#late.splice(0);
    for (const input of late) {
      if (input.type === 'record') this.look(input.flight);
      else this.input(input.type === 'answered' && !survives() ? { ...input, verdict: noNetwork } : input);
    }
    this.#armTimer();
  }

  close(): void {
    this.isOpen = false;
    this.calls.clear();
    this.#late = [];
    this.#wake = undefined;
  }

  show(isShown: boolean): void {
    this.isHidden = !isShown;
    this.#armTimer();
  }

  /** The app calls its API. */
  call(): void {
    const { life } = this.profile;
    const id = ++this.#names;
    life.tally.count('calls');
    this.profile.needs.called(life.agenda.now);
    this.calls.set(id, { madeAt: life.agenda.now, refused: 0 });
    this.input({ type: 'token-wanted', id, needed: milliseconds(0) });
  }

  /** Hands the machine an input. What comes while one is handled waits its turn, as in the client's runner. */
  input(input: SessionInput): void {
    this.#inputs.push(input);
    if (this.#isBusy) return;
    this.#isBusy = true;
    for (let next = this.#inputs.shift(); next && this.isOpen; next = this.#inputs.shift()) this.#handle(next);
    this.#isBusy = false;
  }

  #handle(input: SessionInput): void {
    const { clock, life } = this.profile;
    const now = clock.wall();
    const drift = milliseconds(now - clock.monotonic());
    const moment = { now, drift, fraction: life.dice.fraction() };
    const before = this.state;
    const { state, effects } = life.rules.transition(before, input, { settings, moment });
    this.state = state;
    for (const effect of effects) this.#perform(effect, before);
  }

  #perform(effect: Effect, before: SessionState): void {
    const { profile } = this;
    switch (effect.type) {
      case 'acquire-lock':
        profile.lock.acquire(this, effect.flight, effect.wait);
        break;
      case 'release-lock':
        profile.lock.release(this);
        break;
      case 'read':
        this.look(effect.flight);
        break;
      case 'send':
        sendRefresh(this, effect);
        break;
      case 'change': {
        const { record, won } = profile.change(this, effect.change);
        this.input({ type: 'record', record, own: true, flight: effect.flight, won });
        break;
      }
      case 'wake':
        this.#wakeAt(effect.at);
        break;
      case 'give':
        sendCall(this, effect.waiter, effect.accessToken);
        break;
      case 'fail':
        failCall(this, effect.waiter, effect.failure);
        break;
      case 'signed-out':
        profile.signedOut(before.record?.session?.id ?? '', effect.reason);
        break;
      case 'revoke':
        for (const refreshToken of effect.refreshTokens) sendSignOut(this, refreshToken);
        break;
      case 'note':
        profile.life.tally.count(`noted: ${effect.event}`);
        break;
      // A Latchkey server sends the user with each refresh.
      case 'load-user':
        break;
    }
  }

  #wakeAt(at: number): void {
    if (this.#wake?.at === at) return;
    const { clock, life } = this.profile;
    this.#wake = { at, due: clock.monotonic() + life.rules.delayOf(Math.max(0, at - clock.wall())) };
    this.#armTimer();
  }

  /** A page in the background has its timers on the minute; one that is stopped has none until it goes on. */
  #armTimer(): void {
    const timer = ++this.#timer;
    if (!this.#wake || this.#wake.due === Infinity || this.isStopped) return;
    const { agenda } = this.profile.life;
    // Timers count in whole milliseconds.
    const fires = agenda.now + Math.max(1, Math.floor(this.#wake.due - this.profile.clock.monotonic()));
    agenda.at(this.isHidden ? Math.ceil(fires / minute) * minute : fires, () => {
      if (timer !== this.#timer || !this.isOpen || this.isStopped || this.#loops()) return;
      this.#wake = undefined;
      this.input({ type: 'woke' });
    });
  }

  #loops(): boolean {
    const { agenda } = this.profile.life;
    if (agenda.now - this.#wakes.from >= minute) this.#wakes = { from: agenda.now, count: 0 };
    this.#wakes.count += 1;
    if (this.#wakes.count === mostWakes) this.profile.life.breach('a page woke up again and again');
    return this.#wakes.count >= mostWakes;
  }
}

const noNetwork = {
  kind: 'transient',
  code: 'ERR_NETWORK',
  message: 'The connection did not live.',
  status: 0,
  retryAfter: undefined,
} as const;
