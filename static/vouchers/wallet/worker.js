// The wallet's worker. It keeps one page without anybody's data, and shows it when there is no network. It keeps no other page.
// VERSION and LANGUAGE stand above, written by the server.

const KEPT = `geldboerse-${VERSION}-${LANGUAGE}`;
const SHELL = `/geldboerse/ohne-netz?sprache=${LANGUAGE}`;
const PATIENCE = 5000;

async function keep() {
  const cache = await caches.open(KEPT);
  const page = await fetch(SHELL, { credentials: "omit", cache: "no-store" });
  const text = await page.clone().text();
  const parts = new Set([...text.matchAll(/(?:href|src)="(\/static\/[^"#]+)/g)].map((found) => found[1].replaceAll("&amp;", "&")));
  await cache.put(SHELL, page);
  await Promise.all([...parts].map((part) => cache.add(new Request(part, { credentials: "omit" }))));
}

async function clean() {
  for (const name of await caches.keys()) if (name.startsWith("geldboerse") && name !== KEPT) await caches.delete(name);
  await self.clients.claim();
}

async function page(request) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE);
  try {
    return await fetch(request, { signal: stop.signal });
  } catch {
    return (await caches.match(SHELL)) ?? Response.error();
  } finally {
    clearTimeout(timer);
  }
}

async function part(request) {
  const here = await caches.open(KEPT);
  return (await here.match(request)) ?? fetch(request);
}

self.addEventListener("install", (event) => event.waitUntil(keep().then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(clean()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (url.pathname.startsWith("/static/")) event.respondWith(part(request));
});
