import SuperTokens from 'supertokens-website';

/** It puts itself around `fetch`; any answer of the API can bring tokens. */
export function open({ origin }) {
  SuperTokens.init({ apiDomain: origin, apiBasePath: '/supertokens', tokenTransferMethod: 'header' });
  return {
    async signIn() {
      await fetch(`${origin}/supertokens/sign-in`, { method: 'POST' });
    },
    send: (url) => fetch(url),
  };
}
