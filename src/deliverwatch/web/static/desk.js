// What makes the desk quicker, and is never needed: copying a field, keys, and saying aloud what was found.
"use strict";

const words = () => document.getElementById("words").dataset;

function tell(text) {
  const told = document.getElementById("told");
  told.classList.toggle("empty", !text);
  told.textContent = text;
}

function textOf(element) {
  return "value" in element ? element.value : element.textContent;
}

function select(element) {
  element.focus();
  if (element.select) element.select();
  else getSelection().selectAllChildren(element);
}

async function copy(button) {
  const source = document.getElementById(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(textOf(source));
    tell(words().copied);
  } catch {
    select(source);
    tell(words().notCopied);
  }
}

// Keys without a modifier can be turned off (WCAG 2.1.4), and are, while one types.
const stored = {
  get off() {
    try { return localStorage.getItem("keys") === "off"; } catch { return false; }
  },
  set off(value) {
    try { localStorage.setItem("keys", value ? "off" : "on"); } catch { /* then they stay as they are */ }
  },
};

function showSwitch() {
  for (const button of document.querySelectorAll("[data-shortcuts]")) {
    button.hidden = false;
    button.textContent = stored.off ? button.dataset.on : button.dataset.off;
  }
}

function isTyping(target) {
  return target.closest("input, textarea, select, [contenteditable], dialog") !== null;
}

function step(by) {
  const rows = [...document.querySelectorAll("[data-row]")].filter((row) => row.querySelector("a, button"));
  const here = rows.findIndex((row) => row.contains(document.activeElement));
  const next = here < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(Math.max(here + by, 0), rows.length - 1);
  rows[next]?.querySelector("a, button").focus();
}

function go(key) {
  const place = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (place) location.assign(place.href);
}

let awaitsPlace = false;

function press(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || stored.off || isTyping(event.target)) return;
  if (awaitsPlace) {
    awaitsPlace = false;
    go(event.key);
  } else if (event.key === "/" && document.getElementById("search-box")) {
    event.preventDefault();
    document.getElementById("search-box").focus();
  } else if (event.key === "g") {
    awaitsPlace = true;
  } else if (event.key === "j" || event.key === "k") {
    step(event.key === "j" ? 1 : -1);
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy], [data-shortcuts]");
  if (button?.matches("[data-copy]")) copy(button);
  if (button?.matches("[data-shortcuts]")) {
    stored.off = !stored.off;
    showSwitch();
  }
});
document.addEventListener("keydown", press);
document.addEventListener("htmx:afterSettle", () => {
  document.getElementById("heard").textContent = document.querySelector("[data-heard]")?.textContent ?? "";
});
showSwitch();
