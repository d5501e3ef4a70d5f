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

function enliven(root) {
  localTimes(root);
  copyButtons(root);
  eagerForms(root);
  farewells(root);
}

document.addEventListener("DOMContentLoaded", () => enliven(document));
document.addEventListener("htmx:afterSwap", (event) => enliven(event.target));
