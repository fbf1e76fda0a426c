/** Where the servers are. The test deploys each version with one of the two; an app has one, in its environment file. */
const django = { signIn: '/api/token/', refresh: '/api/token/refresh/', orders: '/api/me/', ours: false };
const latchkey = { signIn: '/auth/sign-in', refresh: '/auth/refresh', orders: '/api/orders', ours: true };

/** The one that the page names. */
export const environment =
  document.querySelector('meta[name=backend]')?.getAttribute('content') === 'latchkey' ? latchkey : django;
