import { type Milliseconds, milliseconds, seconds } from '@latchkey/protocol';
import type { RefreshVerdict } from '../core/refresh-verdict.js';
import { initialState, transition } from '../core/session-machine.js';
import { type IssuedTokens, type RecordChange, type SessionRecord, applyChange } from '../core/session-record.js';
import type { Effect, MachineSettings, SessionInput, SessionState } from '../core/session-state.js';

/** What all tabs of a profile share: the record that decides. */
export interface Shelf {
  record: SessionRecord | undefined;
}

/** When the tests' stories begin. */
export const storyStart = Date.UTC(2030, 0, 1);

/** The defaults of `createSession`. */
const defaultSettings: MachineSettings = {
  margin: { atMost: milliseconds(300_000), fractionOfLifetime: 0.2 },
  refreshOnLoad: true,
  whenRefused: 'sign-out',
  lockWait: milliseconds(15_000),
  tokenWait: milliseconds(5000),
};

/** Tokens with 15 minutes to live, unless said otherwise. */
export function issuedTokens(name: string, given: Partial<IssuedTokens> & { lifetime?: number } = {}): IssuedTokens {
  const { lifetime = 900_000, ...rest } = given;
  const refreshedAt = rest.refreshedAt ?? milliseconds(storyStart);
  return {
    accessToken: `access-${name}`,
    refreshToken: `refresh-${name}`,
    user: undefined,
    sessionId: 'session-a',
    generation: 0,
    refreshedAt,
    usableFrom: refreshedAt,
    accessExpiresAt: milliseconds(refreshedAt + lifetime),
    sessionExpiresAt: null,
    ...rest,
  };
}

/** The change of a sign-in. */
export const signInWith = (tokens: IssuedTokens): RecordChange => ({
  kind: 'signed-in',
  endpoint: 'https://api.test/auth/refresh',
  tokens,
  tier: 'K',
  remember: true,
});

/** A shelf on which somebody is signed in. */
export function signedInShelf(tokens: IssuedTokens = issuedTokens('0')): Shelf {
  return { record: applyChange(undefined, signInWith(tokens)).record };
}

/** The verdict on a refresh that worked. */
export function renewedAs(name: string, lifetime = 900, refreshToken?: string): RefreshVerdict {
  return {
    kind: 'success',
    tokens: {
      accessToken: `access-${name}`,
      refreshToken: refreshToken ?? `refresh-${name}`,
      tokenType: 'Bearer',
      expiresIn: seconds(lifetime),
      refreshExpiresIn: undefined,
      user: undefined,
    },
  };
}

/** A verdict that says nothing about the session. */
export const noVerdict = (given: Partial<Extract<RefreshVerdict, { kind: 'transient' }>> = {}): RefreshVerdict => ({
  kind: 'transient',
  code: 'ERR_SERVER',
  message: 'The server answered 503.',
  status: 503,
  retryAfter: undefined,
  ...given,
});

/** No network. */
export const unreachable = noVerdict({ code: 'ERR_NETWORK', status: 0 });

/** The definitive refusal. */
export const refusal: RefreshVerdict = { kind: 'refused', error: 'invalid_grant', message: 'No.', status: 401 };

/** The 409: where the chain is, and perhaps the next step up. */
export const stale = (generation: number, refresh?: string): RefreshVerdict => ({
  kind: 'superseded',
  generation,
  refresh,
});

/** Effects that are read from the log alone: there is nothing to be done. */
const told: readonly Effect['type'][] = ['wake', 'give', 'fail', 'note', 'signed-out'];

/** Effects that somebody has to do. */
const done: readonly Effect['type'][] = [
  ...(['acquire-lock', 'release-lock', 'read', 'send'] as const),
  ...(['change', 'load-user', 'revoke'] as const),
];

type Of<T extends Effect['type']> = Extract<Effect, { type: T }>;

/** One tab: the real machine, its effects done one by one when the test says so, on a clock that the test sets. */
export class DrivenTab {
  state: SessionState = initialState;
  /** Everything that the machine asked for, oldest first. */
  readonly log: Effect[] = [];
  now: number = storyStart;
  monotonic = 0;
  fraction = 0.5;
  readonly shelf: Shelf;
  readonly settings: MachineSettings;
  #todo: Effect[] = [];
  #waiters = 0;

  constructor(shelf: Shelf, settings: Partial<MachineSettings> = {}) {
    this.shelf = shelf;
    this.settings = { ...defaultSettings, ...settings };
  }

  /** Hands the machine an input; returns what it asks for. */
  input(input: SessionInput): readonly Effect[] {
    const drift = milliseconds(this.now - this.monotonic);
    const moment = { now: milliseconds(this.now), drift, fraction: this.fraction };
    const { state, effects } = transition(this.state, input, { settings: this.settings, moment });
    this.state = state;
    this.log.push(...effects);
    for (const effect of effects) {
      if (done.includes(effect.type)) this.#todo.push(effect);
      else if (!told.includes(effect.type)) throw new Error('The machine asks for what nobody can do.');
    }
    return effects;
  }

  /** Lets time pass, without a wake-up. */
  pass(duration: number): this {
    this.now += duration;
    this.monotonic += duration;
    return this;
  }

  /** Lets time pass and wakes the machine. */
  wakeAfter(duration: number): readonly Effect[] {
    return this.pass(duration).input({ type: 'woke' });
  }

  /** Starts and reads the record. */
  start(): this {
    this.input({ type: 'started', hint: this.shelf.record, online: true });
    this.look();
    return this;
  }

  /** Reads the record, as after a hint from another tab. */
  look(): readonly Effect[] {
    return this.#record({ own: false, flight: undefined, won: false });
  }

  /** Somebody waits for a token; their id. */
  wantToken(needed = 0): number {
    this.input({ type: 'token-wanted', id: ++this.#waiters, needed: milliseconds(needed) });
    return this.#waiters;
  }

  /** Somebody asks for a refresh; their id. */
  wantRefresh(): number {
    this.input({ type: 'refresh-wanted', id: ++this.#waiters });
    return this.#waiters;
  }

  /** The next thing of a kind to be done, taken off the list. */
  take<T extends Effect['type']>(type: T, flight?: number): Of<T> | undefined {
    const at = this.#todo.findIndex(
      (effect) => effect.type === type && (flight === undefined || ('flight' in effect && effect.flight === flight)),
    );
    return at < 0 ? undefined : (this.#todo.splice(at, 1)[0] as Of<T>);
  }

  /** The lock of the flight under way is granted, or its wait runs out. */
  lock(): this {
    const asked = this.take('acquire-lock');
    if (asked) this.input({ type: 'lock-settled', flight: asked.flight });
    return this;
  }

  /** The flight under way reads the record. */
  read(): this {
    const asked = this.take('read', this.state.flight?.id);
    if (asked) this.#record({ own: false, flight: asked.flight, won: false });
    return this;
  }

  /** The flight that is due goes as far as its request; what is sent. */
  toSend(): Of<'send'> | undefined {
    this.lock().read();
    return this.take('send');
  }

  /** The answer to a request. */
  answer(verdict: RefreshVerdict, generation?: number, flight = this.state.flight?.id ?? 0): readonly Effect[] {
    return this.input({ type: 'answered', flight, verdict, generation });
  }

  /** The next change is made in storage, and the machine told. */
  commit(): readonly Effect[] {
    const asked = this.take('change');
    return asked ? this.change(asked.change, asked.flight) : [];
  }

  /** Makes a change of this tab's own. */
  change(change: RecordChange, flight?: number): readonly Effect[] {
    const { record, won } = applyChange(this.shelf.record, change);
    this.shelf.record = record;
    return this.#record({ own: true, flight, won });
  }

  /** A whole refresh, if one is due now. */
  refresh(verdict: RefreshVerdict, generation?: number): Of<'send'> | undefined {
    const sent = this.toSend();
    if (sent) {
      this.answer(verdict, generation);
      this.commit();
    }
    return sent;
  }

  /** When the machine wants to look again. */
  get wakeAt(): number {
    return this.log.filter((effect) => effect.type === 'wake').at(-1)?.at ?? Infinity;
  }

  /** All effects of a kind so far. */
  all<T extends Effect['type']>(type: T): Of<T>[] {
    return this.log.filter((effect): effect is Of<T> => effect.type === type);
  }

  /** How somebody's wait ended; `undefined` while it goes on. */
  outcome(waiter: number): Of<'give'> | Of<'fail'> | undefined {
    return [...this.all('give'), ...this.all('fail')].find((effect) => effect.waiter === waiter);
  }

  #record(origin: { own: boolean; flight: number | undefined; won: boolean }): readonly Effect[] {
    return this.input({ type: 'record', record: this.shelf.record, ...origin });
  }
}

/** Marks a count of milliseconds: for tests, which write many. */
export const ms: (value: number) => Milliseconds = milliseconds;

/** From the last refresh until the next is due, for tokens of 15 minutes. */
export const twelveMinutes = 720_000;

/** A tab whose refresh is due, with a record that has been rotated so often. */
export function dueTab(rotations = 0): DrivenTab {
  const tab = new DrivenTab(signedInShelf(), { refreshOnLoad: false }).start();
  for (let i = 1; i <= rotations; i += 1) {
    tab.pass(2000).wantRefresh();
    tab.refresh(renewedAs(String(i)), i);
  }
  tab.wakeAfter(twelveMinutes);
  return tab;
}
