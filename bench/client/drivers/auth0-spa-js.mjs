import { Auth0Client } from '@auth0/auth0-spa-js';

export function open({ origin }) {
  const client = new Auth0Client({
    domain: origin,
    clientId: 'bench',
    cacheLocation: 'localstorage',
    useRefreshTokens: true,
    authorizationParams: { redirect_uri: origin },
  });
  return {
    /** The code flow, but that nobody is sent anywhere: the address is read, and the code made up. */
    async signIn() {
      let address;
      await client.loginWithRedirect({ openUrl: (url) => void (address = new URL(url)) });
      const [state, nonce] = ['state', 'nonce'].map((name) => address.searchParams.get(name));
      // The server puts the nonce into the ID token; here it travels as the code.
      await client.handleRedirectCallback(
        `${origin}/?code=${encodeURIComponent(nonce)}&state=${encodeURIComponent(state)}`,
      );
    },
    async send(url) {
      const token = await client.getTokenSilently();
      return fetch(url, { headers: { authorization: `Bearer ${token}` } });
    },
  };
}
