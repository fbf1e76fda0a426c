import { createSession } from '@latchkey/client';
import { interleaved, microseconds } from './measure.mjs';

const api = 'https://api.example.com';
const times = 5000;

/**
 * What `session.fetch` adds to a request while the token is fresh: the time until the browser's own `fetch` is called,
 * with another URL each time. A stub stands in for `fetch`, so nothing is sent.
 */
export async function requests() {
  const realFetch = globalThis.fetch;
  let sent;
  globalThis.fetch = (url, init) => {
    sent = init;
    return Promise.resolve(url.endsWith('/sign-in') ? signedIn() : done);
  };
  const session = createSession({ api, storage: 'memory', refreshOnLoad: false });
  const stop = session.start();
  try {
    await session.signIn({ username: 'bench', password: 'never sent anywhere' });
    const headers = { authorization: `Bearer ${await session.accessToken()}` };
    sent = undefined;
    await inOneTurn(
      () => session.fetch(api),
      () => new Headers(sent?.headers).get('authorization') === headers.authorization,
    );
    let round = 0;
    const urls = () => Array.from({ length: times }, (_, at) => `${api}/orders/${++round}/lines?page=${at}&sort=name`);
    const over = async (call) => {
      const each = urls();
      const answers = [];
      const figure = await microseconds(times, (at) => void answers.push(call(each[at])));
      await Promise.all(answers);
      return figure;
    };
    const figures = await interleaved({
      'bare fetch (stub)': () => over((url) => fetch(url, { headers: new Headers(headers) })),
      'new URL': () => over((url) => new URL(url)),
      'session.fetch': () => over((url) => session.fetch(url)),
    });
    const added = (figures['session.fetch'] - figures['bare fetch (stub)']).toFixed(2);
    return {
      title: 'A request with a fresh token, until fetch is called',
      unit: 'µs',
      floor: 'bare fetch (stub)',
      figures,
      note: `session.fetch adds ${added} µs here, in Node (budget 25, in a browser, whose URL parser is slower).`,
    };
  } finally {
    stop();
    globalThis.fetch = realFetch;
  }
}

/** The loop below sees only what happens at once: were `fetch` called later, the figure would mean nothing. */
async function inOneTurn(call, isDone) {
  const answer = call();
  if (!isDone()) throw new Error('session.fetch did not send the token at once.');
  await answer;
}

const done = new Response(null, { status: 204 });

/** The token server's answer to a sign-in. */
export function signedIn() {
  const now = Math.floor(Date.now() / 1000);
  const encode = (part) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const access = `${encode({ alg: 'ES256' })}.${encode({ sub: 'bench', iat: now, exp: now + 3600 })}.c2lnbmVk`;
  const user = { id: 'bench', username: 'bench', profile: {} };
  return Response.json({ access, refresh: 'bench', token_type: 'Bearer', expires_in: 3600, user });
}
