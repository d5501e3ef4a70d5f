// What makes pages quicker to use. Every page works without it.
"use strict";

// Times in the zone of the browser.
function localTimes(root) {
  for (const time of root.querySelectorAll("time[datetime]")) {
    const at = new Date(time.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    const style = time.dataset.style === "day" ? { dateStyle: "medium" } : { dateStyle: "medium", timeStyle: "short" };
    time.title = time.dateTime;
    time.textContent = new Intl.DateTimeFormat(document.documentElement.lang, style).format(at);
  }
}

// Buttons that copy a text: an address, a command, a DNS record.
function copyButtons(root) {
  for (const button of root.querySelectorAll("button[data-copy]")) {
    button.hidden = !navigator.clipboard;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.dataset.copy);
      const before = button.textContent;
      button.textContent = button.dataset.copied;
      setTimeout(() => { button.textContent = before; }, 1500);
    });
  }
}

// Selects that send their form at once.
function eagerForms(root) {
  for (const field of root.querySelectorAll("[data-submit]")) {
    field.addEventListener("change", () => field.form.requestSubmit());
  }
}

// Tells that somebody writes no more, when the page goes.
function farewells(root) {
  for (const part of root.querySelectorAll("[data-left]")) {
    window.addEventListener("pagehide", () => navigator.sendBeacon(part.dataset.left));
  }
}

// Keeps the shell of the pages for when there is no network.
function installable() {
  if ("serviceWorker" in navigator) navigator.serviceWorker.register("/worker.js").catch(() => {});
}

// Shows what changed on the server: the counts of folders, and the list where nobody is choosing.
async function showChanges() {
  const answer = await fetch(location.href);
  if (!answer.ok || answer.redirected) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const id of ["folders", "messages"]) {
    const [old, now] = [document.getElementById(id), fresh.getElementById(id)];
    if (!old || !now || old.contains(document.activeElement) || old.querySelector(":checked[name=uid]")) continue;
    old.replaceWith(now);
    enliven(now);
  }
}

// One page of the browser listens to the server and tells the others.
function listenLive() {
  if (!document.getElementById("folders") || !window.EventSource || !window.BroadcastChannel) return;
  const others = new BroadcastChannel("guichet-mail");
  let timer = 0;
  let waits = false;
  const changed = () => {
    if (document.hidden) { waits = true; return; }
    clearTimeout(timer);
    timer = setTimeout(() => showChanges().catch(() => {}), 400);
  };
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && waits) { waits = false; changed(); }
  });
  others.addEventListener("message", changed);
  const listen = () => new Promise(() => {
    const source = new EventSource("/live");
    source.addEventListener("mail", () => { changed(); others.postMessage("mail"); });
  });
  if (navigator.locks) navigator.locks.request("guichet-live", listen);
  else listen();
}

function enliven(root) {
  localTimes(root);
  copyButtons(root);
  eagerForms(root);
  farewells(root);
}

document.addEventListener("DOMContentLoaded", () => {
  enliven(document);
  installable();
  listenLive();
});
document.addEventListener("htmx:afterSwap", (event) => enliven(event.target));
