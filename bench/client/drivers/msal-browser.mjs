import { PublicClientApplication, loadExternalTokens } from '@azure/msal-browser';

const tenant = '00000000-0000-0000-0000-000000000001';
const scopes = ['User.Read'];

/** Signed in by its own way for tests, tokens from elsewhere: the real way leads over pages of Microsoft's. */
export function open({ origin }) {
  const authority = `https://login.microsoftonline.com/${tenant}`;
  const config = {
    auth: { clientId: 'bench', authority, redirectUri: origin },
    cache: { cacheLocation: 'localStorage' },
  };
  let client;
  const begin = () => (client = new PublicClientApplication(config)).initialize();
  let ready = begin();
  return {
    async signIn() {
      await ready;
      const answer = await fetch('/token', { method: 'POST', body: new URLSearchParams({ grant_type: 'password' }) });
      const clientInfo = btoa(JSON.stringify({ uid: 'ada', utid: tenant }));
      const response = { ...(await answer.json()), scope: scopes.join(' '), client_info: clientInfo };
      await loadExternalTokens(config, { scopes, authority }, response, { clientInfo });
      // It has put them into storage, and not into the client that is there already.
      await (ready = begin());
    },
    async send(url) {
      await ready;
      const { accessToken } = await client.acquireTokenSilent({ scopes, account: client.getAllAccounts()[0] });
      return fetch(url, { headers: { authorization: `Bearer ${accessToken}` } });
    },
  };
}
