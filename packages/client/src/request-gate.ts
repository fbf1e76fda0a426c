import { RequestRefusedError, SignedOutError } from '@latchkey/protocol';
import type { Refusal, RequestRules } from './core/request-rules.js';

/** A token to send, and whose it is. */
export interface Bearer {
  readonly accessToken: string;
  /** Session and epoch: another one means another sign-in, perhaps another person. */
  readonly owner: string;
}

/** What requests need of a session. */
export interface RequestSession {
  /** The token, if it is fresh enough to be used at once. */
  current(): Bearer | undefined;
  /**
   * Waits for a token that is; `undefined` when signed out. `strict`: for a body that cannot be sent twice, so with a
   * wider margin. Aborting ends the wait and not the refresh.
   * @throws TransientError when there is none now; SignedOutError when the session ended meanwhile
   */
  token(options: { signal?: AbortSignal | undefined; strict?: boolean }): Promise<Bearer | undefined>;
  /**
   * Answers a 401: the current token if it is no longer the refused one, else the token after one refresh.
   * @throws SignedOutError ERR_SESSION_CHANGED when the owner is another; TransientError when the refresh failed
   */
  renewed(refused: Bearer, signal?: AbortSignal): Promise<Bearer>;
  /** The values that no URL may hold. */
  tokens(): readonly string[];
  /** Who is signed in now. */
  owner(): string | undefined;
  /** Reads a 401 as the backend does. */
  saysInvalidToken(challenge: string | undefined, body: () => Promise<unknown>): boolean | Promise<boolean>;
  /** Adds to the timeline. */
  note(type: string, reason?: string): void;
}

/** One call of the app, as the rules see it. */
export interface Entering {
  /** As the app gave it; resolved against the page. */
  readonly url: string;
  /** The header `skip`, as the app set it. */
  readonly skip: string | null;
  /** Whether the app brings an `Authorization` header of its own, which is left alone. */
  readonly authorised: boolean;
  /** For a body that cannot be sent twice: the token must be good for longer. */
  readonly strict?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** How a call may be sent. */
export interface Pass {
  /** The URL that was judged, resolved. */
  readonly url: string;
  /** The token to send; `undefined`: send without one. */
  readonly bearer: Bearer | undefined;
}

/** A 401, as the backend reads it. */
export interface Refused {
  readonly challenge: string | undefined;
  /** Reads the body as JSON, without consuming it; `undefined` if it is none. */
  readonly body: () => Promise<unknown>;
  /** As the call said. */
  readonly strict?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** The request rules of a session, for whatever sends: `session.fetch`, uploads, an interceptor. */
export interface RequestGate {
  /**
   * Judges a call and gives the token where it belongs: at once when that is fresh, else after waiting for one.
   * @throws RequestRefusedError when nothing may be sent; TransientError when no token is to be had now; SignedOutError
   * ERR_SESSION_CHANGED when another session began meanwhile. The first at once, the others by rejecting.
   */
  enter(call: Entering): Pass | Promise<Pass>;
  /**
   * Answers a 401: the token to send once more, or `undefined` where the answer is the app's own affair. Rejects as
   * `enter` does, and with RequestRefusedError ERR_BODY_NOT_REPLAYABLE for what cannot be sent twice.
   */
  renew(sent: Bearer, refused: Refused): Promise<Bearer | undefined>;
  /** Must be asked when an answer is there. @throws SignedOutError ERR_SESSION_CHANGED when it is another session's */
  check(sent: Bearer): void;
}

/** Puts the request rules and a session together. */
export function createGate(session: RequestSession, rules: RequestRules): RequestGate {
  const refuse = ({ code, message }: Refusal): never => {
    session.note('request_refused', code);
    throw new RequestRefusedError(code, message);
  };
  const check = ({ owner }: Bearer): void => {
    if ((session.owner() ?? owner) !== owner) throw sessionChanged();
  };
  return {
    check,
    enter(call) {
      const decision = rules.decide(call.url, session.tokens());
      if (decision.kind === 'refused') return refuse(decision);
      if (decision.warning) session.note('request_warned', decision.warning.code);
      const skip = rules.isSkip(call.skip);
      if (typeof skip === 'object') return refuse(skip);
      const { url } = decision;
      if (skip || decision.kind === 'plain' || call.authorised) return { url, bearer: undefined };
      const bearer = call.strict ? undefined : session.current();
      return bearer ? { url, bearer } : wait(session, url, call);
    },
    async renew(sent, { challenge, body, strict, signal }) {
      if (!(await session.saysInvalidToken(challenge, body))) return undefined;
      const next = await session.renewed(sent, signal);
      if (strict) throw new RequestRefusedError('ERR_BODY_NOT_REPLAYABLE', streamOnce);
      session.note('replayed');
      return next;
    },
  };
}

async function wait(session: RequestSession, url: string, { signal, strict = false }: Entering): Promise<Pass> {
  const owner = session.owner();
  const bearer = await session.token({ signal, strict });
  // What waited for one person is not sent for another, nor for nobody.
  if (owner !== undefined && bearer?.owner !== owner) throw sessionChanged();
  return { url, bearer };
}

const sessionChanged = (): SignedOutError =>
  new SignedOutError('ERR_SESSION_CHANGED', 'The session that this request belongs to is over: load the data again.');

const streamOnce =
  'The API refused the token, and the body is a stream, which cannot be sent twice. ' +
  'The token is renewed: call again with a new stream, or send a Blob.';
