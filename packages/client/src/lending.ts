import { ConfigError } from '@latchkey/protocol';
import type { Fetch } from './fetch.js';
import type { Activity, Clock } from './ports.js';
import type { RequestGate } from './request-gate.js';
import type { Session } from './session.js';

/** What a session lends to our own subpaths beside its public face. */
export interface Lent {
  readonly gate: RequestGate;
  /** `session.fetch` over another way to send. */
  readonly fetchBy: (send: Fetch) => Fetch;
  readonly clock: Pick<Clock, 'now' | 'wake'>;
  /** Nothing where nobody could act: on a server. */
  readonly activity: Activity | undefined;
  /** Ends the session in every tab for want of activity, as `signOut` does. */
  readonly endInactive: () => Promise<void>;
}

/** The key to it; registered, as copies of us may meet on a page. */
export const lending: unique symbol = Symbol.for('latchkey.lending');

/** A session with what it lends. */
export interface Lending {
  readonly [lending]: Lent;
}

/** What a session lends. @throws ConfigError ERR_CONFIG for an object that is none of ours; `what` needs it */
export function lentBy(session: Session, what: string): Lent {
  const lent = (session as Partial<Lending>)[lending];
  if (lent) return lent;
  throw new ConfigError(`${what} needs the session itself, as createSession or fakeSession gave it.`);
}
