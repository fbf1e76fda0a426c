import { createSession, latchkey } from '@latchkey/client';

export function open({ origin, authUrl }) {
  const session = createSession({ api: origin, backend: latchkey({ url: authUrl }) });
  session.start();
  return {
    async signIn(username) {
      await session.signUp({ username, password: 'seven-green-lanterns' });
    },
    send: (url) => session.fetch(url),
  };
}
