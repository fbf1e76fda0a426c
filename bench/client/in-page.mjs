/*
 * What runs in the page; Playwright sends each function there by itself. A page has `openClient`, its driver's, and `place`,
 * where the servers are.
 */

/** Before any script of the page: `fetch` that can be turned into a stub, also for those who have put theirs around it. */
export function makeFetchSwitchable() {
  window.target = window.fetch.bind(window);
  window.fetch = (...call) => window.target(...call);
}

/** Signs in, makes one real request, and turns `fetch` into a stub that answers at once and knows when it was called. */
export async function prepareStub(username) {
  window.client = await window.openClient(window.place);
  await window.client.signIn(username);
  let headers;
  const real = window.target;
  window.target = (url, init) => ((headers = new Headers(init?.headers ?? url.headers)), real(url, init));
  // HttpClient rejects what has no token; a client that could not even send would be caught by its missing header.
  await window.client.send(`${window.place.origin}/api/first`).catch((error) => console.error(String(error)));
  window.target = () => {
    window.sentAt = performance.now();
    return Promise.resolve(new Response('{}', { headers: { 'content-type': 'application/json' } }));
  };
  return headers?.get('authorization')?.startsWith('Bearer ') ?? false;
}

/**
 * Sends requests one after the other, each to a URL of its own, in batches of 50. Gives the microseconds of one, until
 * `fetch` was called and until the app has its answer, by the batch in the middle: one that the machine interrupts does
 * not count for more than one.
 */
export async function sendMany({ batches, round }) {
  const size = 50;
  const all = { sent: [], answered: [] };
  for (let batch = 0; batch < batches; batch++) {
    const path = `${window.place.origin}/api/orders/${round}-${batch}`;
    const urls = Array.from({ length: size }, (_, at) => `${path}-${at}/lines?page=${at}&sort=name`);
    let before = 0;
    const start = performance.now();
    for (const url of urls) {
      const called = performance.now();
      await window.client.send(url);
      before += window.sentAt - called;
    }
    all.answered.push(((performance.now() - start) * 1000) / size);
    all.sent.push((before * 1000) / size);
  }
  const middle = (values) => values.sort((a, b) => a - b)[values.length >> 1];
  return { sent: middle(all.sent), answered: middle(all.answered) };
}

/** How many turns of the microtask queue, and then how many tasks, pass before `fetch` is called; 0 and 0: at once. */
export async function countTurns() {
  window.sentAt = undefined;
  const answer = window.client.send(`${window.place.origin}/api/turns`);
  let [microtasks, tasks] = [0, 0];
  for (; window.sentAt === undefined && microtasks < 500; microtasks++) await undefined;
  if (window.sentAt === undefined) microtasks = 0;
  const { port1, port2 } = new MessageChannel();
  for (; window.sentAt === undefined && tasks < 500; tasks++) {
    await new Promise((resolve) => {
      port1.onmessage = resolve;
      port2.postMessage(undefined);
    });
  }
  port1.close();
  await answer;
  return { microtasks, tasks };
}
