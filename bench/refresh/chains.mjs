import { createHmac, createSecretKey, randomBytes } from 'node:crypto';
import { tokenOf } from './rows.mjs';
import { writeRequest } from './wire.mjs';

/** How many sessions are drawn for one round of `strangers`: more than any contender gets through. */
const drawn = 16_384;

/** The first sessions belong to `ownSessions`, as many as there are ever clients. */
const firstStranger = 128;

/** Each client goes on with a session of its own. */
export function ownSessions(keys) {
  const tokens = [];
  const next = latchkeyRefresh();
  return {
    next(client) {
      tokens[client] ??= tokenOf(keys, client);
      return next(tokens[client], (successor) => (tokens[client] = successor));
    },
  };
}

/** Each request is for another session, drawn from all of them, so that no row stays warm; no two clients share one. */
export function strangers(keys, rows) {
  const tokens = new Map();
  const next = latchkeyRefresh();
  let picks = [];
  return {
    prepare(clients) {
      const perClient = Math.floor((rows - firstStranger) / clients);
      const pick = (client) => firstStranger + client + clients * Math.floor(Math.random() * perClient);
      picks = Array.from({ length: clients }, (_, client) =>
        Array.from({ length: Math.ceil(drawn / clients) }, () => pick(client)),
      );
      for (const at of picks.flat()) if (!tokens.has(at)) tokens.set(at, tokenOf(keys, at));
    },
    next(client) {
      const at = picks[client].pop();
      if (at === undefined) throw new Error(`The ${drawn} sessions drawn for a round do not suffice; draw more.`);
      return next(tokens.get(at), (successor) => tokens.set(at, successor));
    },
  };
}

/** Refreshes as the browser client sends them: only who has the profile's key can derive the idempotency key. */
function latchkeyRefresh() {
  const profileKey = createSecretKey(randomBytes(32));
  return (presented, keep) => {
    const key = createHmac('sha256', profileKey).update(`latchkey refresh${presented}`).digest('base64url');
    const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': key };
    const request = writeRequest({ path: '/auth/refresh', headers, body: `{"refresh":"${presented}"}` });
    return { request, take: ({ refresh }) => keep(rotated(presented, refresh)) };
  };
}

/** The refresh grant of OAuth 2.0. The chains are new in each round. @see RFC 6749 §6 */
export function refreshTokens({ ask, path }) {
  let tokens = [];
  return {
    async prepare(clients) {
      tokens = await ask('signIn', clients);
    },
    next(client) {
      const presented = tokens[client];
      const body = `grant_type=refresh_token&client_id=bench&refresh_token=${presented}`;
      const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
      const take = ({ refresh_token: successor }) => (tokens[client] = rotated(presented, successor));
      return { request: writeRequest({ path, headers, body }), take };
    },
  };
}

/** Session cookies, whose end the server moves; they do not rotate. */
export function sessionCookies({ ask, path }) {
  const cookies = [];
  return {
    async prepare(clients) {
      if (cookies.length < clients) cookies.push(...(await ask('signIn', clients - cookies.length)));
    },
    next: (client) => ({
      request: writeRequest({ method: 'GET', path, headers: { Cookie: cookies[client] } }),
      take(body) {
        if (!body?.session) throw new Error('The answer has no session.');
      },
    }),
  };
}

/** Requests of the size of a refresh, for a server that does nothing. */
export function nothing() {
  const next = latchkeyRefresh();
  const token = 'x'.repeat(98);
  return { next: () => ({ ...next(token), take: () => undefined }) };
}

function rotated(presented, successor) {
  if (typeof successor === 'string' && successor !== presented) return successor;
  throw new Error('The answer has no new refresh token.');
}
