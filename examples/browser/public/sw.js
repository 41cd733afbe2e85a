// Keeps what the page loads, so that it works without a network. The page itself is asked for anew first; what a build
// named by its content never changes, and nets only with another index.
const CACHE = 'digits-1';
/** The same file, whichever backend the address asks for and in whatever way (as a module, by fetch) it is asked for. */
const anyWay = { ignoreSearch: true, ignoreVary: true };

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
self.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method !== 'GET' || new URL(request.url).origin !== self.location.origin) return;
  event.respondWith(/\/assets\//.test(request.url) ? fromCacheFirst(request) : fromNetworkFirst(request));
});

async function fromCacheFirst(request) {
  return (await caches.match(request, anyWay)) ?? fetchAndKeep(request);
}

async function fromNetworkFirst(request) {
  try {
    return await fetchAndKeep(request);
  } catch (error) {
    const kept = await caches.match(request, anyWay);
    if (kept) return kept;
    throw error;
  }
}

async function fetchAndKeep(request) {
  const response = await fetch(request);
  // Kept before it is given out: whoever has it may rely on having it again.
  if (response.ok) await (await caches.open(CACHE)).put(request, response.clone());
  return response;
}
