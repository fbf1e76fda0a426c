import { parseUrl } from './browser/parse-url.js';
import { safeReturnTo as safePath } from './core/request-rules.js';
import { personIn } from './core/session-record.js';
import { lentBy } from './lending.js';
import type { RequestGate } from './request-gate.js';
import type { Session } from './session.js';

export { personIn };
export type { Bearer, Entering, Pass, Refused, RequestGate } from './request-gate.js';

/**
 * The request rules of a session, for adapters to frameworks and HTTP libraries. Apps use `session.fetch` or an adapter.
 * @throws ConfigError ERR_CONFIG for an object that is not a session of ours
 */
export const requestGate = (session: Session): RequestGate => lentBy(session, 'requestGate()').gate;

/**
 * Gives back where to go after sign-in: path, query and fragment if `text` is a path of this origin, else `/`. What it
 * gives resolves to that origin however often it is parsed.
 */
export const safeReturnTo = (text: string | null | undefined, origin = location.origin): string =>
  safePath(text, origin, parseUrl);
