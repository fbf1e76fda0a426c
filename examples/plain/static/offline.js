// Lets the page open when the server is away, so that a reload without a network can show who is signed in.
// Network first: a new build is never hidden by an old copy. The API and the token server are never touched.
const cacheName = 'latchkey-demo-page';
const files = ['/', '/style.css', '/main.js', '/icon.svg'];

self.addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(cacheName)
      .then((cache) => cache.addAll(files))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('fetch', (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (event.request.method === 'GET' && origin === self.location.origin && files.includes(pathname)) {
    event.respondWith(freshOrKept(event.request, pathname));
  }
});

async function freshOrKept(request, pathname) {
  const cache = await caches.open(cacheName);
  try {
    const answer = await fetch(request);
    if (answer.ok) await cache.put(pathname, answer.clone());
    return answer;
  } catch (error) {
    const kept = await cache.match(pathname);
    if (kept) return kept;
    throw error;
  }
}
