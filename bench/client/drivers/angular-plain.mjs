import { openApp } from './angular-app.mjs';

/** HttpClient without an interceptor. */
export const open = () => openApp({ signIn: () => Promise.resolve() });
