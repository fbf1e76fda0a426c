// oidc-provider as its docs set up a public client, with refresh tokens that rotate. Read from the environment: DATABASE
// (path of an SQLite file), ACCESS_SECONDS. Beside it two paths of an app's own: POST /enter lets anybody in, as a sign-in
// would, and GET /api/me wants a token.
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { Provider } from 'oidc-provider';
import { sqliteAdapter } from '../../../bench/refresh/contenders/oidc-provider-adapters.mjs';

const accessSeconds = Number(process.env.ACCESS_SECONDS);
const clientId = 'torture';
const scope = 'openid offline_access';
const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });
const provider = new Provider('http://127.0.0.1', {
  adapter: sqliteAdapter(process.env.DATABASE),
  jwks: { keys: [{ ...key, alg: 'ES256', use: 'sig', kid: 'torture' }] },
  clients: [
    {
      client_id: clientId,
      token_endpoint_auth_method: 'none',
      redirect_uris: ['http://127.0.0.1/back'],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
    },
  ],
  clientDefaults: { id_token_signed_response_alg: 'ES256' },
  scopes: ['openid', 'offline_access'],
  clientBasedCORS: () => true,
  rotateRefreshToken: () => true,
  issueRefreshToken: async () => true,
  ttl: { AccessToken: accessSeconds, IdToken: accessSeconds, RefreshToken: 86_400, Grant: 86_400 },
  features: { devInteractions: { enabled: false } },
  findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
});

/** What a sign-in leaves behind: a grant with its first tokens. */
async function enter({ username }) {
  const grant = new provider.Grant({ accountId: username, clientId });
  grant.addOIDCScope(scope);
  const client = await provider.Client.find(clientId);
  const common = { accountId: username, client, grantId: await grant.save(), gty: 'authorization_code', scope };
  return {
    access_token: await new provider.AccessToken(common).save(),
    refresh_token: await new provider.RefreshToken(common).save(),
    token_type: 'Bearer',
    expires_in: accessSeconds,
  };
}

async function answer(request) {
  if (request.method === 'OPTIONS') return { status: 204 };
  if (request.url === '/ready') return { status: 200, body: { ready: true } };
  if (request.url === '/enter') return { status: 200, body: await enter(await json(request)) };
  const token = await provider.AccessToken.find(request.headers.authorization?.replace(/^Bearer /, '') ?? '');
  if (token?.isValid) return { status: 200, body: { sub: token.accountId } };
  return { status: 401, challenge: 'Bearer error="invalid_token"' };
}

const callback = provider.callback();
const server = createServer((request, response) => {
  if (request.url.startsWith('/token')) return callback(request, response);
  return answer(request).then(({ status, body, challenge }) => {
    response.writeHead(status, {
      'access-control-allow-origin': request.headers.origin ?? '*',
      'access-control-allow-headers': 'authorization, content-type',
      'access-control-expose-headers': 'WWW-Authenticate',
      'content-type': 'application/json',
      ...(challenge && { 'www-authenticate': challenge }),
    });
    response.end(body && JSON.stringify(body));
  });
});
server.listen(Number(process.argv[2]), '127.0.0.1');
// Whoever started this server holds its standard input open; it ends with them.
process.stdin.resume().on('end', () => process.exit());
