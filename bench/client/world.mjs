import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { movableClock, serveOnLoopback } from '@latchkey/example-shared';
import { createAuthServer, generateKeys, loadKeys } from '@latchkey/server';
import { listen } from '@latchkey/server/node';
import { openSqliteStore } from '@latchkey/server/sqlite';
import { lifetime, peerServer } from './peer-server.mjs';

/**
 * Starts what the pages of all contenders need, all on one clock: Latchkey's own token server on SQLite; and at `origin`
 * the pages, the peers' token server, and an API that takes any token that has not expired.
 */
export async function startWorld(scripts) {
  const clock = movableClock();
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-bench-'));
  const pages = await serveOnLoopback((request, response) => void serve(request, response));
  const peers = peerServer({ clock, origin: pages.url });
  const latchkey = await startLatchkey({ clock, folder, origin: pages.url });
  const place = { origin: pages.url, authUrl: `${latchkey.url}/auth` };

  async function serve(request, response) {
    const url = new URL(request.url, pages.url);
    const page = /^\/page\/([\w-]+)(\.js)?$/.exec(url.pathname);
    if (page)
      return page[2]
        ? send(response, { text: scripts[page[1]], type: 'text/javascript' })
        : send(response, html(page[1], place));
    if (url.pathname.startsWith('/api/'))
      return send(response, { status: isGood(request, clock) ? 200 : 401, json: {} });
    const body = bodyOf(await textOf(request));
    const answer = peers.answer(url, { body, authorization: request.headers.authorization });
    send(response, answer ?? { status: 404, json: {} });
  }

  return {
    ...place,
    clock,
    counts: { latchkey: latchkey.counts, peers: peers.counts },
    async close() {
      await Promise.all([pages.close(), latchkey.close()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Isolated, so that the page's clock has steps of 5 µs instead of 100. */
const isolated = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' };

function send(response, { status = 200, json, text = JSON.stringify(json), type = 'application/json', headers }) {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store', ...isolated, ...headers }).end(text);
}

/** An app whose first act is a request. `?idle`: it only has the script, and does nothing. */
const html = (name, place) => ({
  type: 'text/html; charset=utf-8',
  text: `<!doctype html><html lang="en"><meta charset="utf-8"><title>${name}</title><link rel="icon" href="data:,">
<script>window.place = ${JSON.stringify(place)}; const isIdle = location.search === '?idle'</script>
<script src="/page/${name}.js"></script>
<script>if (!isIdle) { window.client = openClient(place); window.first = client.send(place.origin + '/api/first'); first.then((answer) => answer.text()) }</script>`,
});

const isGood = ({ headers: { authorization = '' } }, clock) => expiryOf(authorization) * 1000 > clock.now();

function expiryOf(authorization) {
  try {
    return JSON.parse(Buffer.from(authorization.split('.')[1], 'base64url')).exp;
  } catch {
    return 0;
  }
}

async function textOf(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString();
}

/** JSON or a form, as each client sends it. */
const bodyOf = (text) => (text.startsWith('{') ? JSON.parse(text) : Object.fromEntries(new URLSearchParams(text)));

async function startLatchkey({ clock, folder, origin }) {
  const store = openSqliteStore({ path: join(folder, 'sessions.db') });
  await store.migrate();
  const counts = { refreshes: 0, refused: 0 };
  const server = createAuthServer({
    store,
    keys: await loadKeys(await generateKeys()),
    issuer: origin,
    allowOrigins: [origin],
    clock,
    lifetimes: { accessSeconds: lifetime },
    // Cheap on purpose: this is not about hashing.
    passwordHashing: { memoryKib: 64, passes: 1, parallelism: 1, atMost: 4 },
  });
  const counted = async (request, about) => {
    const answer = await server.fetch(request, about);
    if (request.method === 'POST' && new URL(request.url).pathname === '/auth/refresh') {
      counts.refreshes++;
      if (answer.status >= 400) counts.refused++;
    }
    return answer;
  };
  await server.start();
  const running = await listen({ ...server, fetch: counted }, { port: 0 });
  const close = async () => {
    await running.close();
    await server.stop();
    await store.close();
  };
  return { url: running.url, counts, close };
}
