import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';
import { answering, listening } from '../answering.mjs';
import { memoryAdapter, sqliteAdapter } from './oidc-provider-adapters.mjs';

const resource = 'http://127.0.0.1/api';
const client = { client_id: 'bench', token_endpoint_auth_method: 'none', redirect_uris: ['http://127.0.0.1/back'] };
const grants = { grant_types: ['authorization_code', 'refresh_token'], response_types: ['code'] };

/** oidc-provider as its docs set up a public client: refresh tokens that rotate, access tokens as ES256 JWTs. */
await answering(async ({ database, withIdToken }) => {
  const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });
  const server = { scope: 'read', audience: resource, accessTokenTTL: 900, accessTokenFormat: 'jwt' };
  const provider = new Provider('http://127.0.0.1', {
    adapter: database ? sqliteAdapter(database) : memoryAdapter(),
    jwks: { keys: [{ ...key, alg: 'ES256', use: 'sig', kid: 'bench' }] },
    clients: [{ ...client, ...grants }],
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    scopes: ['offline_access', 'read'],
    clientBasedCORS: () => true,
    rotateRefreshToken: () => true,
    issueRefreshToken: async () => true,
    ttl: { AccessToken: 900, IdToken: 900, RefreshToken: 30 * 86_400, Grant: 365 * 86_400 },
    features: {
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => resource,
        getResourceServerInfo: () => ({ ...server, jwt: { sign: { alg: 'ES256' } } }),
        useGrantedResource: () => true,
      },
    },
    findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  });
  const signIn = (count) =>
    Promise.all(Array.from({ length: count }, (_, at) => tokenFor(provider, { accountId: `user-${at}`, withIdToken })));
  return { port: await listening(createServer(provider.callback())), signIn };
});

/** What a sign-in would leave behind: a grant and its first refresh token. With `openid`, each refresh signs an ID token. */
async function tokenFor(provider, { accountId, withIdToken }) {
  const oidcScope = withIdToken ? 'openid offline_access' : 'offline_access';
  const grant = new provider.Grant({ accountId, clientId: client.client_id });
  grant.addOIDCScope(oidcScope);
  grant.addResourceScope(resource, 'read');
  const grantId = await grant.save();
  const common = { accountId, client: await provider.Client.find(client.client_id), grantId, resource };
  return new provider.RefreshToken({ ...common, gty: 'authorization_code', scope: `${oidcScope} read` }).save();
}
