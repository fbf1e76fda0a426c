/** Tokens live for this many seconds, as most servers' do. */
export const lifetime = 3600;

/** A refresh token that has been used is still good for so long: what Supabase has by default and Auth0 recommends. */
const overlap = 10_000;

/**
 * A token server for the peers, as fair as they come: it rotates, takes a token again for ten seconds after its use, and
 * speaks each one's dialect. `answer(path, body)` gives status, headers and JSON; `undefined` for what is none of its paths.
 */
export function peerServer({ clock, origin }) {
  const counts = { refreshes: 0, refused: 0 };
  const used = new Map();
  let made = 0;
  const issue = (nonce) => {
    const refresh = `refresh-${++made}`;
    used.set(refresh, undefined);
    return { access: tokenFor({ clock, origin, nonce, id: made }), refresh };
  };
  const rotate = (presented) => {
    counts.refreshes++;
    const at = used.get(presented);
    if (!used.has(presented) || (at !== undefined && clock.now() > at + overlap)) {
      counts.refused++;
      return undefined;
    }
    if (at === undefined) used.set(presented, clock.now());
    return issue();
  };
  const tokens = ({ grant_type: grant, refresh_token: presented, code }) =>
    grant === 'refresh_token' ? rotate(presented) : issue(code);
  const answer = (url, { body, authorization }) => {
    const dialect = dialects.find(({ path }) => path.test(url.pathname));
    return dialect?.answer({ url, body, authorization, tokens, rotate, now: clock.now() });
  };
  return { counts, answer };
}

/** A token that reads as one, and verifies nowhere: the clients read it, and the API goes by its expiry. */
function tokenFor({ clock, origin, nonce, id }) {
  const encode = (part) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const now = Math.floor(clock.now() / 1000);
  const about = { iss: `${origin}/`, aud: 'bench', sub: 'ada', iat: now, exp: now + lifetime, jti: String(id), nonce };
  return `${encode({ alg: 'RS256', kid: 'bench' })}.${encode(about)}.c2lnbmVk`;
}

const refused = { status: 400, json: { error: 'invalid_grant', error_description: 'The refresh token is used up.' } };
const user = { id: 'ada', aud: 'authenticated', email: 'ada@example.com', app_metadata: {}, user_metadata: {} };

const dialects = [
  { path: /^\/(oauth\/)?token$/, answer: ({ body, tokens }) => oauth(tokens(body)) },
  {
    path: /^\/supabase\/token$/,
    answer({ url, body, tokens, now }) {
      const made = oauth(tokens({ ...body, grant_type: url.searchParams.get('grant_type') }));
      const expiresAt = Math.floor(now / 1000) + lifetime;
      return made === refused ? refused : { status: 200, json: { ...made.json, expires_at: expiresAt, user } };
    },
  },
  { path: /^\/supertokens\/sign-in$/, answer: ({ tokens, now }) => supertokens(tokens({}), now) },
  {
    path: /^\/supertokens\/session\/refresh$/,
    // It asks without a token, too, to find out whether there is a session.
    answer: ({ authorization, rotate, now }) =>
      supertokens(authorization && rotate(authorization.replace('Bearer ', '')), now),
  },
  {
    path: /^\/securetoken\.googleapis\.com\/v1\/token$/,
    answer({ body, tokens }) {
      const { status, json } = oauth(tokens(body));
      return { status, json: status === 200 ? { ...json, expires_in: String(lifetime) } : googleError };
    },
  },
  {
    path: /accounts:signInWithPassword$/,
    answer({ tokens }) {
      const { access: idToken, refresh: refreshToken } = tokens({});
      return { status: 200, json: { idToken, refreshToken, expiresIn: String(lifetime), localId: 'ada' } };
    },
  },
  {
    path: /accounts:lookup$/,
    answer: () => ({ status: 200, json: { users: [{ localId: 'ada', email: user.email }] } }),
  },
];

const googleError = { error: { code: 400, message: 'TOKEN_EXPIRED' } };

function oauth(made) {
  if (!made) return refused;
  const { access, refresh } = made;
  const tokens = { access_token: access, id_token: access, refresh_token: refresh };
  return {
    status: 200,
    json: { ...tokens, token_type: 'Bearer', expires_in: lifetime, scope: 'openid offline_access' },
  };
}

function supertokens(made, now) {
  if (!made) return { status: 401, json: { message: 'unauthorised' } };
  const about = { uid: 'ada', ate: now + lifetime * 1000, up: { sub: 'ada' } };
  const headers = {
    'st-access-token': made.access,
    'st-refresh-token': made.refresh,
    'front-token': Buffer.from(JSON.stringify(about)).toString('base64'),
  };
  return { status: 200, headers, json: { status: 'OK' } };
}
