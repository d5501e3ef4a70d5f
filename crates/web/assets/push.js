// Turns messages about new mail on in this browser: asks the person, asks the browser's push
// service for an address, and puts both into the form.
"use strict";

function octets(text) {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (sign) => sign.charCodeAt(0));
}

function written(buffer) {
  const signs = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(signs).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

async function subscribe(form) {
  const worker = await navigator.serviceWorker.register("/worker.js");
  await navigator.serviceWorker.ready;
  const known = await worker.pushManager.getSubscription();
  if (known) await known.unsubscribe();
  const found = await worker.pushManager.subscribe({
    userVisibleOnly: true,
    applicationServerKey: octets(form.dataset.push),
  });
  form.elements.endpoint.value = found.endpoint;
  form.elements.key.value = written(found.getKey("p256dh"));
  form.elements.auth.value = written(found.getKey("auth"));
  form.submit();
}

document.addEventListener("DOMContentLoaded", () => {
  const form = document.querySelector("form[data-push]");
  if (!form) return;
  const fault = form.querySelector("[role=alert]");
  if (!("serviceWorker" in navigator) || !("PushManager" in window)) {
    fault.textContent = fault.dataset.missing;
    return;
  }
  form.querySelector("button").hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    fault.textContent = "";
    if (await Notification.requestPermission() !== "granted") {
      fault.textContent = fault.dataset.denied;
      return;
    }
    try { await subscribe(form); } catch { fault.textContent = fault.dataset.failed; }
  });
});
