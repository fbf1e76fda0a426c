import type { SignedOutReason } from '@latchkey/client/core';
import { Agenda } from './agenda.js';
import { type App, apps } from './app.js';
import type { Incident } from './climate.js';
import { type Dice, diceOf, pick } from './dice.js';
import { type Person, livePerson } from './habits.js';
import { Ledger } from './ledger.js';
import type { Profile, Surroundings } from './parts.js';
import type { BrowserProfile } from './profile.js';
import type { LifeRules } from './rules.js';
import { Server } from './server.js';
import type { Tally } from './tally.js';
import { day } from './time.js';

/** When all lives begin. */
export const lifeStart = Date.UTC(2030, 0, 7);

/** One life to be lived. */
export interface LifeOptions {
  readonly seed: number;
  readonly user: number;
  readonly days: number;
  readonly rules: LifeRules;
  readonly climate: readonly Incident[];
  readonly tally: Tally;
  /** Is told the story, line by line. */
  readonly tell: ((line: string) => void) | undefined;
}

/** One person's life with an app, and all that it goes by. */
class Life implements Surroundings, Person {
  readonly agenda = new Agenda(lifeStart);
  readonly ledger = new Ledger();
  readonly dice: Dice;
  readonly tally: Tally;
  readonly rules: LifeRules;
  readonly app: App;
  readonly server: Server;
  readonly profiles: BrowserProfile[] = [];
  serverState: Surroundings['serverState'] = 'up';
  troubleUntil = 0;
  readonly #options: LifeOptions;
  /** Sessions whose end has been judged: each tab tells of it. */
  readonly #judged = new Set<string>();

  constructor(options: LifeOptions) {
    this.#options = options;
    this.dice = diceOf(options.seed, options.user);
    this.tally = options.tally;
    this.rules = options.rules;
    this.app = pick(this.dice, apps);
    this.server = new Server(options.rules, this.app);
  }

  /** Lives it to the end. */
  live(): void {
    const { climate, days } = this.#options;
    const end = lifeStart + days * day;
    for (const incident of climate) this.#meet(incident);
    livePerson(this, { start: lifeStart, end });
    this.agenda.runUntil(end);
    for (const { needs } of this.profiles) {
      needs.signedOut(end);
      this.tally.count('least, as promised', needs.promised);
      this.tally.count('least, for calls alone', needs.needed);
      this.tally.count('milliseconds stuck', needs.stuck);
    }
    this.tally.count('users');
    this.tally.count('user-days', days);
    this.tally.count('profiles', this.profiles.length);
  }

  say({ name }: { readonly name: string }, line: string): void {
    this.#options.tell?.(`${new Date(this.agenda.now).toISOString().slice(0, 23)}  ${name.padEnd(7)}  ${line}`);
  }

  breach(what: string): void {
    this.say({ name: '!' }, what);
    this.tally.breach({ user: this.#options.user, at: this.agenda.now, what });
  }

  signedOut(
    profile: Profile,
    { session, reason, isAway }: { session: string; reason: SignedOutReason; isAway: boolean },
  ): void {
    const why = this.ledger.whyOver(session, this.agenda.now, isAway);
    this.say(profile, `signed out (${reason}): ${why ?? 'without a reason'}`);
    if (this.#judged.has(session)) return;
    this.#judged.add(session);
    if (why === undefined) this.breach(`signed out without a reason (${reason})`);
    else this.tally.count(`signed out: ${why}`);
  }

  #meet({ kind, at, until, lost }: Incident): void {
    const server = { name: 'server' };
    const turn = (state: Surroundings['serverState']): void => {
      this.serverState = state;
      for (const profile of this.profiles) profile.changed();
    };
    this.agenda.at(at, () => {
      this.say(server, kind);
      this.tally.count(`met: ${kind}`);
      if (kind === 'keys') this.server.mintingKeyId += 1;
      else {
        this.troubleUntil = Math.max(this.troubleUntil, until);
        turn(kind === 'rush' ? 'rush' : 'down');
      }
    });
    this.agenda.at(until, () => {
      if (kind === 'failover') this.#failOver(at - lost);
      if (until >= this.troubleUntil) turn('up');
    });
  }

  #failOver(since: number): void {
    const { rotations, signIns, tooFar } = this.server.failOver(since);
    this.tally.count('rotations lost by the database', rotations);
    for (const session of signIns) this.ledger.end(session, 'the database lost the sign-in');
    for (const session of tooFar) this.ledger.end(session, 'the database lost more rotations than are remembered');
  }
}

/** Lives one life; what happened is counted in the tally. */
export const liveOne = (options: LifeOptions): void => new Life(options).live();
