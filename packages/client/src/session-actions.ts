import { ConfigError, ProtocolError, SignedOutError, TransientError, type User } from '@latchkey/protocol';
import { dateTokens } from './core/issued-tokens.js';
import { checkProfile } from './core/profile-limits.js';
import type { RefreshVerdict } from './core/refresh-verdict.js';
import { type SignedOutReason, type StoredSession, expectedOf, personIn } from './core/session-record.js';
import { type Failure, ownerOf } from './core/session-state.js';
import { tokenFor } from './core/waiters.js';
import type { Backend, Credentials, SessionPorts, UserPatch, WireAnswer, WireRequest } from './ports.js';
import type { Bearer, RequestSession } from './request-gate.js';
import { type SessionRunner, type WaitResult, withBearer } from './session-runner.js';
import { positionOf } from './token-position.js';

/** A stream cannot be sent twice: its token must live as much longer, in milliseconds. Our choice. */
const strictlyNeeded = 60_000;

/** What people do with a session, and what requests need of it, over a running machine. */
export class SessionActions {
  readonly #runner: SessionRunner;
  readonly #ports: SessionPorts;

  constructor(runner: SessionRunner, ports: SessionPorts) {
    this.#runner = runner;
    this.#ports = ports;
  }

  async signIn(credentials: Credentials, remember: boolean): Promise<void> {
    await this.#runner.read();
    const replaced = this.#runner.state.record?.session?.refreshToken;
    await this.#begin(this.#ports.backend.signIn(credentials, replaced), remember);
  }

  async signUp(details: Credentials, remember: boolean): Promise<void> {
    const request = this.#ports.backend.signUp?.(details);
    if (!request) throw new ConfigError('This backend has no sign-up.');
    await this.#runner.read();
    await this.#begin(request, remember);
  }

  async #begin(request: WireRequest, remember: boolean): Promise<void> {
    const { backend, clock, keys, random, transport } = this.#ports;
    if (this.#runner.foreign) throw otherEndpoint(backend);
    const sentAt = clock.now();
    const [tier, answer] = await Promise.all([keys.tier(), transport.send(request)]);
    const { tokens: issued } = successOf(backend.readTokens(answer), request);
    const { sessionId = random.id(), generation } = positionOf(backend, issued.refreshToken);
    const tokens = dateTokens(issued, { sentAt, sessionId, generation });
    const change = { kind: 'signed-in', endpoint: backend.endpoint, tokens, tier, remember } as const;
    if (!(await this.#runner.change(change))) throw otherEndpoint(backend);
    const { record } = this.#runner.state;
    if (record && !issued.user) await this.#runner.loadUser(issued.accessToken, { epoch: record.epoch, sessionId });
  }

  async signOut(everywhere: boolean): Promise<void> {
    await this.#runner.read();
    const request = everywhere ? this.#ports.backend.signOutEverywhere?.() : undefined;
    if (request) await this.#authorised(request);
    await this.end('user', !request);
  }

  /** Ends the session in every tab; `revoke`: on the server too, as soon as it can be reached. */
  async end(reason: SignedOutReason, revoke = true): Promise<void> {
    const sessionId = this.#runner.state.record?.session?.id;
    if (sessionId !== undefined) await this.#runner.change({ kind: 'signed-out', reason, sessionId, revoke });
  }

  async accessToken(minValidity: number, signal?: AbortSignal): Promise<string> {
    const result = await this.#runner.wait('token', minValidity * 1000, signal);
    const token = tokenOf(result);
    if (token === undefined) throw this.#nobody();
    return token;
  }

  async refresh(): Promise<void> {
    tokenOf(await this.#runner.wait('refresh'));
    if (!this.#runner.state.record?.session) throw this.#nobody();
  }

  /** Why there is no session: none, or one that is another server's. */
  #nobody(): ConfigError | SignedOutError {
    return this.#runner.foreign ? otherEndpoint(this.#ports.backend) : noSession();
  }

  async updateUser(patch: UserPatch): Promise<User> {
    const { backend } = this.#ports;
    const request = backend.updateUser?.(patch);
    if (!request) throw new ConfigError('This backend has no way to change the user: set its userUrl.');
    checkProfile(patch.profile);
    const answer = await this.#authorised(request);
    const user = backend.readUser?.(answer);
    const { record } = this.#runner.state;
    if (!user) throw new TransientError('ERR_BAD_ANSWER', 'The server answered without a user.');
    if (record?.session) {
      await this.#runner.change({ kind: 'user', epoch: record.epoch, sessionId: record.session.id, user });
    }
    return user;
  }

  /** Under the lock, since it rotates the refresh token as a refresh does. */
  async changePassword(change: { current: string; next: string }): Promise<void> {
    const { lock, storage } = this.#ports;
    // Before the lock is taken: a refresh needs it too.
    await this.accessToken(strictlyNeeded / 1000);
    const release = await lock.acquire(this.#runner.settings.lockWait);
    try {
      const record = await storage.read();
      if (!record?.session) throw noSession();
      await this.#sendPassword(change, { epoch: record.epoch, session: record.session });
    } finally {
      release?.();
    }
  }

  async #sendPassword(
    { current, next }: { current: string; next: string },
    { epoch, session }: { epoch: number; session: StoredSession },
  ): Promise<void> {
    const { backend, clock, keys } = this.#ports;
    const { refreshToken, tier, id: sessionId } = session;
    const idempotencyKey = backend.idempotent ? await keys.idempotencyKey(refreshToken, tier) : undefined;
    const request = backend.changePassword?.({ current, next, refreshToken, idempotencyKey });
    if (!request) throw new ConfigError('This backend has no password change.');
    const sentAt = clock.now();
    const { tokens } = successOf(backend.readTokens(await this.#sendAuthorised(request)));
    const { generation } = positionOf(backend, tokens.refreshToken);
    await this.#runner.change({
      kind: 'tokens',
      expected: expectedOf(epoch, session),
      tokens: dateTokens(tokens, { sentAt, sessionId, generation }),
    });
  }

  /** Sends a request of the session's own with the token; whatever is no success is thrown. */
  async #authorised(request: WireRequest): Promise<WireAnswer> {
    const answer = await this.#sendAuthorised(request);
    if ('body' in answer && answer.status < 300) return answer;
    const verdict = this.#ports.backend.readTokens(answer);
    throw verdict.kind === 'success' ? new TransientError('ERR_BAD_ANSWER', 'Unexpected answer.') : errorOf(verdict);
  }

  async #sendAuthorised(request: WireRequest): ReturnType<SessionPorts['transport']['send']> {
    const { backend, transport } = this.#ports;
    let owner = ownerOf(this.#runner.state.record);
    const send = async (accessToken: string): ReturnType<SessionPorts['transport']['send']> => {
      this.#mustBe((owner ??= ownerOf(this.#runner.state.record)));
      const answer = await transport.send(withBearer(request, accessToken));
      this.#mustBe(owner);
      return answer;
    };
    const accessToken = await this.accessToken(0);
    const answer = await send(accessToken);
    const refused =
      'body' in answer &&
      answer.status === 401 &&
      (await backend.saysInvalidToken(answer.header('www-authenticate'), () => Promise.resolve(answer.body)));
    if (!refused) return answer;
    this.#runner.dispatch({ type: 'token-refused', accessToken });
    return send(await this.accessToken(0));
  }

  /** What one person asked for is neither sent nor kept as another's. */
  #mustBe(owner: string | undefined): void {
    if (ownerOf(this.#runner.state.record) !== owner) throw sessionChanged();
  }

  /** What `session.fetch` and the interceptors go by. */
  requests(note: RequestSession['note']): RequestSession {
    const runner = this.#runner;
    // The person, where the token names one: who signs in again, as to confirm a password, still gets their answers.
    const ownerNow = (): string | undefined => {
      const person = runner.state.record?.session ? personIn(runner.snapshot.claims) : undefined;
      return person === undefined ? ownerOf(runner.state.record) : `person ${person}`;
    };
    const bearer = (accessToken: string | undefined): Bearer | undefined => {
      const owner = ownerNow();
      return accessToken === undefined || owner === undefined ? undefined : { accessToken, owner };
    };
    return {
      note,
      current: () => bearer(tokenFor(runner.state, { settings: runner.settings, now: this.#ports.clock.now() })),
      token: async ({ signal, strict }) =>
        bearer(tokenOf(await runner.wait('token', strict ? strictlyNeeded : 0, signal))),
      renewed: async (refused, signal) => {
        if (ownerNow() !== refused.owner) throw sessionChanged();
        runner.dispatch({ type: 'token-refused', accessToken: refused.accessToken });
        const next = bearer(tokenOf(await runner.wait('token', 0, signal)));
        if (next?.owner !== refused.owner) throw sessionChanged();
        return next;
      },
      tokens: () => {
        const session = runner.state.record?.session;
        return session ? [session.accessToken, session.refreshToken] : [];
      },
      owner: ownerNow,
      saysInvalidToken: (challenge, body) => this.#ports.backend.saysInvalidToken(challenge, body),
    };
  }
}

/** Who asks by hand learns which address it was: what is wrong is often the address. */
function successOf(verdict: RefreshVerdict, request?: WireRequest): Extract<RefreshVerdict, { kind: 'success' }> {
  if (verdict.kind === 'success') return verdict;
  if (verdict.kind !== 'transient' || !request) throw errorOf(verdict);
  throw errorOf({ ...verdict, message: `${verdict.message} (${request.method} ${request.url})` });
}

function errorOf(verdict: Exclude<RefreshVerdict, { kind: 'success' }>): Error {
  if (verdict.kind === 'superseded') return new TransientError('ERR_BAD_ANSWER', 'Another tab was first; try again.');
  const { message, status } = verdict;
  if (verdict.kind === 'refused') return new ProtocolError('ERR_REJECTED', message, { status, error: verdict.error });
  return new TransientError(verdict.code, message, { retryAfterSeconds: verdict.retryAfter });
}

function tokenOf(result: WaitResult): string | undefined {
  if (result.kind === 'token') return result.accessToken;
  throw failureOf(result.failure);
}

function failureOf(failure: Failure | 'signed-out' | 'session-changed'): Error {
  if (failure === 'signed-out') return noSession();
  if (failure === 'session-changed') return sessionChanged();
  return new TransientError(failure.code, failure.message, { retryAfterSeconds: failure.retryAfterSeconds });
}

const noSession = (): SignedOutError => new SignedOutError('ERR_SIGNED_OUT', 'Nobody is signed in.');

const sessionChanged = (): SignedOutError =>
  new SignedOutError('ERR_SESSION_CHANGED', 'Somebody else has signed in meanwhile; this was not done for them.');

/** Says how two apps on one origin keep apart. */
export const otherEndpoint = ({ endpoint }: Backend): ConfigError =>
  new ConfigError(
    `The session that this origin stores belongs to another token endpoint than ${endpoint}. Two apps on one origin need ` +
      'a session `name` each; where the token server has moved, a new `name` lets people sign in again.',
    'ERR_OTHER_ENDPOINT',
  );
