import { type Milliseconds, milliseconds } from '@latchkey/protocol';
import { adoption } from './adoption.js';
import { passingStatuses } from './core/refresh-verdict.js';
import { transition, initialState } from './core/session-machine.js';
import {
  type RecordChange,
  type SessionRecord,
  type SignedOutReason,
  type StoredSession,
  personOf,
} from './core/session-record.js';
import {
  type Effect,
  type Failure,
  type MachineSettings,
  type Moment,
  type SessionInput,
  type SessionState,
  ownerOf,
} from './core/session-state.js';
import { type Snapshot, looksTheSame, sameSnapshot, snapshotOf } from './core/snapshot.js';
import type { LegacyTokens, SessionPorts, Stop, WireRequest } from './ports.js';
import { positionOf } from './token-position.js';

/** Whom the runner tells. */
export interface RunnerEvents {
  changed(snapshot: Snapshot): void;
  /** The person who was there no longer is: signed out, or another one signed in. */
  left(): void;
  signedOut(reason: SignedOutReason): void;
  note(event: string, reason?: string): void;
}

/** How a wait for a token ended. */
export type WaitResult =
  | { readonly kind: 'token'; readonly accessToken: string | undefined }
  | { readonly kind: 'failed'; readonly failure: Failure | 'signed-out' | 'session-changed' };

type Waiting = (result: WaitResult) => void;

/** Runs the machine: hands it what happens, does what it says. Holds no rule of its own. */
export class SessionRunner {
  readonly #ports: SessionPorts;
  readonly #settings: MachineSettings;
  readonly #events: RunnerEvents;
  readonly #inputs: SessionInput[] = [];
  readonly #waiting = new Map<number, Waiting>();
  readonly #locks = new Map<number, Stop>();
  #state: SessionState = initialState;
  #snapshot: Snapshot = snapshotOf(initialState, milliseconds(0));
  #busy = false;
  #waiters = 0;
  #wake: { at: number; stop: Stop } | undefined;
  #afterwards: (() => void)[] = [];
  /** Between start and stop: only then does anything happen by itself. */
  active = false;
  /** Set when the stored record belongs to another token endpoint. */
  foreign = false;

  constructor(ports: SessionPorts, settings: MachineSettings, events: RunnerEvents) {
    this.#ports = ports;
    this.#settings = settings;
    this.#events = events;
  }

  get state(): SessionState {
    return this.#state;
  }

  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  get settings(): MachineSettings {
    return this.#settings;
  }

  /** Tells the machine what happened. Inputs that come while one is handled (an app's callback) wait their turn. */
  dispatch(input: SessionInput): void {
    this.#inputs.push(input);
    if (this.#busy) return;
    this.#busy = true;
    for (let next = this.#inputs.shift(); next; next = this.#inputs.shift()) this.#handle(next);
    this.#busy = false;
  }

  /** Waits for a token or for a refresh to end. */
  wait(kind: 'token' | 'refresh', needed = 0, signal?: AbortSignal): Promise<WaitResult> {
    const id = ++this.#waiters;
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiting.delete(id);
        this.dispatch({ type: 'waiter-left', id });
        reject(signal?.reason as Error);
      };
      if (signal?.aborted) {
        leave();
        return;
      }
      signal?.addEventListener('abort', leave);
      this.#waiting.set(id, (result) => {
        signal?.removeEventListener('abort', leave);
        resolve(result);
      });
      this.dispatch(
        kind === 'token' ? { type: 'token-wanted', id, needed: milliseconds(needed) } : { type: 'refresh-wanted', id },
      );
    });
  }

  /** Makes a change of the record and takes in what came of it; false if the record was not as expected. */
  async change(change: RecordChange, flight?: number): Promise<boolean> {
    const { record, won } = await this.#ports.storage.change(change);
    this.#take(record, { own: true, flight, won });
    return won;
  }

  /** Reads the record again: somebody may have changed it, or the old keys, from which it then takes over. */
  async read(flight?: number): Promise<void> {
    // First, because reading the record may bring the old keys back in step with it.
    const found = this.#ports.legacy?.();
    const record = await this.#ports.storage.read();
    const session = record?.session;
    const change = found && session && (await this.#fromBefore(found, session));
    if (!change) this.#take(record, { own: false, flight, won: false });
    else if ((await this.change(change, flight)) && this.#state.record?.session?.user === null) {
      // Another person, of whom the old keys say no more: a page that opens learns it by a refresh, and so does this one.
      this.dispatch({ type: 'started', hint: undefined, online: this.#state.online });
    }
  }

  /**
   * What a tab with the app's version of before Latchkey, open still or again, did by the old keys. It refreshes: without
   * what it got, the next refresh would present what it has used up. It signs out, which must hold here, too.
   */
  async #fromBefore(
    found: LegacyTokens | 'signed-out',
    { id: sessionId, refreshToken }: StoredSession,
  ): Promise<RecordChange | undefined> {
    if (found === 'signed-out') {
      // Seen twice, because keys may be taken away to be written anew.
      const still = this.#ports.legacy?.() === found;
      return still ? { kind: 'signed-out', reason: 'elsewhere', sessionId, revoke: true } : undefined;
    }
    return found.refreshToken === refreshToken ? undefined : adoption(found, this.#ports);
  }

  /** Loads the user where the backend's tokens bring none. */
  async loadUser(accessToken: string, { epoch, sessionId }: { epoch: number; sessionId: string }): Promise<void> {
    const { backend, transport } = this.#ports;
    const request = backend.loadUser?.();
    if (!request) return;
    const answer = await transport.send(withBearer(request, accessToken));
    const user = 'body' in answer && answer.status < 300 ? backend.readUser?.(answer) : undefined;
    if (user) await this.change({ kind: 'user', epoch, sessionId, user });
    else this.#events.note('user_not_loaded', String(answer.status));
  }

  stop(): void {
    this.active = false;
    this.#stopTimer();
  }

  #stopTimer(): void {
    this.#wake?.stop();
    this.#wake = undefined;
  }

  #moment(): Moment {
    const { clock, random } = this.#ports;
    const now = clock.now();
    return { now, drift: milliseconds(now - clock.monotonic()), fraction: random.fraction() };
  }

  #take(record: SessionRecord | undefined, origin: { own: boolean; flight: number | undefined; won: boolean }): void {
    this.foreign = record !== undefined && record.endpoint !== this.#ports.backend.endpoint;
    if (record?.session?.remember === false) this.#ports.presence.stay();
    this.dispatch({ type: 'record', record: this.foreign ? undefined : record, ...origin });
  }

  #handle(input: SessionInput): void {
    const moment = this.#moment();
    const before = this.#state;
    const { state, effects } = transition(before, input, { settings: this.#settings, moment });
    this.#state = state;
    for (const effect of effects) this.#run(effect);
    if (ownerOf(before.record) !== ownerOf(state.record) && isAnother(before.record, state.record)) this.#events.left();
    if (!looksTheSame(before, state)) this.#show(snapshotOf(state, moment.now));
    for (const call of this.#afterwards.splice(0)) call();
  }

  #show(seen: Snapshot): void {
    if (sameSnapshot(seen, this.#snapshot)) return;
    this.#snapshot = seen;
    this.#events.changed(seen);
  }

  #run(effect: Effect): void {
    switch (effect.type) {
      case 'acquire-lock':
        void this.#acquire(effect.flight, effect.wait);
        break;
      case 'release-lock':
        this.#locks.get(effect.flight)?.();
        this.#locks.delete(effect.flight);
        break;
      case 'read':
        void this.read(effect.flight);
        break;
      case 'send':
        void this.#send(effect).catch(() => {
          this.dispatch({ type: 'answered', flight: effect.flight, verdict: threw, generation: undefined });
        });
        break;
      case 'change':
        void this.change(effect.change, effect.flight);
        break;
      case 'load-user':
        void this.loadUser(effect.accessToken, effect);
        break;
      case 'wake':
        this.#wakeAt(effect.at);
        break;
      case 'give':
        this.#settle(effect.waiter, { kind: 'token', accessToken: effect.accessToken });
        break;
      case 'fail':
        this.#settle(effect.waiter, { kind: 'failed', failure: effect.failure });
        break;
      case 'signed-out':
        this.#afterwards.push(() => this.#events.signedOut(effect.reason));
        break;
      case 'revoke':
        for (const refreshToken of effect.refreshTokens) void this.#revoke(refreshToken);
        break;
      case 'note':
        this.#events.note(effect.event, effect.reason);
    }
  }

  #settle(waiter: number, result: WaitResult): void {
    this.#waiting.get(waiter)?.(result);
    this.#waiting.delete(waiter);
  }

  /** A timer holds at most until the next look; an earlier one replaces it. */
  #wakeAt(at: number): void {
    if (this.#wake?.at === at) return;
    this.#stopTimer();
    if (!Number.isFinite(at) || !(this.active || this.#waiting.size > 0)) return;
    const delay = milliseconds(Math.max(0, at - this.#ports.clock.now()));
    const stop = this.#ports.clock.wake(delay, () => {
      this.#wake = undefined;
      this.dispatch({ type: 'woke' });
    });
    this.#wake = { at, stop };
  }

  async #acquire(flight: number, wait: Milliseconds): Promise<void> {
    const release = await this.#ports.lock.acquire(wait);
    const current = this.#state.flight?.id === flight;
    if (release && current) this.#locks.set(flight, release);
    else if (release) release();
    else this.#events.note('lock_not_held');
    this.dispatch({ type: 'lock-settled', flight });
  }

  async #send({ flight, refreshToken, tier, final }: Extract<Effect, { type: 'send' }>): Promise<void> {
    const { backend, keys, transport, activity } = this.#ports;
    const idleForSeconds = activity?.idleSeconds();
    let idempotencyKey: string | undefined;
    try {
      idempotencyKey = backend.idempotent ? await keys.idempotencyKey(refreshToken, tier) : undefined;
    } catch {
      this.dispatch({ type: 'answered', flight, verdict: noKey, generation: undefined });
      return;
    }
    const answer = await transport.send(backend.refresh({ refreshToken, idempotencyKey, final, idleForSeconds }));
    const verdict = backend.readRefresh(answer);
    const { generation } = positionOf(backend, verdict.kind === 'success' ? verdict.tokens.refreshToken : undefined);
    this.dispatch({ type: 'answered', flight, verdict, generation });
  }

  async #revoke(refreshToken: string): Promise<void> {
    const request = this.#ports.backend.signOut?.(refreshToken);
    const status = request ? (await this.#ports.transport.send(request)).status : 204;
    const heard = status >= 200 && status < 500 && !passingStatuses.includes(status);
    if (heard) await this.change({ kind: 'revoked', refreshToken });
  }
}

/** Whether somebody was signed in who now is not; who signs in again, as to confirm a password, stays the same. */
function isAnother(before: SessionRecord | undefined, after: SessionRecord | undefined): boolean {
  const person = personOf(before?.session);
  return !!before?.session && (person === undefined || person !== personOf(after?.session));
}

const noKey = {
  kind: 'transient',
  code: 'ERR_STORAGE',
  message: 'IndexedDB cannot be opened in this tab, so it cannot refresh; another tab can.',
  status: 0,
  retryAfter: undefined,
} as const;

/** An app's own backend; the session must outlive its mistakes. */
const threw = { ...noKey, code: 'ERR_BAD_ANSWER', message: 'The backend object threw.' } as const;

/** Adds the access token to a request of the session's own. */
export function withBearer(request: WireRequest, accessToken: string): WireRequest {
  return { ...request, headers: { ...request.headers, Authorization: `Bearer ${accessToken}` } };
}
