// Keeps the shell of the pages, so that they begin without the network: style, scripts, icons and
// the page that says that there is none. It never keeps mail. And it shows what the server tells
// while no page is open. The two names in capitals are put in when it is handed out.
"use strict";

const CACHE = "VERSION";
const SHELL = ["ADDRESSES"];
const OFFLINE = "/offline";

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(SHELL)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const old = async () => {
    for (const name of await caches.keys()) if (name !== CACHE) await caches.delete(name);
    await self.clients.claim();
  };
  event.waitUntil(old());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  // What changes something goes its own way, so that it keeps saying where it comes from.
  if (request.method !== "GET") return;
  const path = new URL(request.url).pathname;
  if (request.mode === "navigate") {
    event.respondWith(fetch(request).catch(() => caches.match(OFFLINE)));
  } else if (SHELL.includes(path)) {
    event.respondWith(caches.match(path).then((kept) => kept || fetch(request)));
  }
});

self.addEventListener("push", (event) => {
  let told = {};
  try { told = event.data.json(); } catch { return; }
  event.waitUntil(self.registration.showNotification(told.title, {
    body: told.body, tag: told.tag, lang: told.language, icon: "ICON", data: { url: told.url },
  }));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const url = new URL(event.notification.data.url, self.location.origin);
  if (url.origin !== self.location.origin) return;
  const open = async () => {
    const pages = await self.clients.matchAll({ type: "window" });
    const page = pages.find((one) => "navigate" in one);
    if (!page) return self.clients.openWindow(url.href);
    await page.focus();
    return page.navigate(url.href);
  };
  event.waitUntil(open());
});
