/* The frame of every page: menus, theme, keyboard help. All of it also works without script. */

import { chords } from "./addresses.js";
import { hasOpenDialog, isChord, isInText, isModified, keyOf } from "./keys.js";
import "./leaving.js";
import { closeMenus, hasOpenMenu } from "./menus.js";
import { take } from "./toasts.js";

// The large view of a picture has keys of its own, which the help lists.
const ANOTHER_DIALOG = "dialog[open]:not(.viewer)";

function onKey(event) {
  if (event.key === "Escape" && hasOpenMenu()) {
    closeMenus();
    event.preventDefault();
  }
  if (isModified(event) || isInText(event)) return;
  if (event.key === "?") showKeys();
  const place = !hasOpenDialog() && isChord(event) && chords[keyOf(event)];
  if (place) location.assign(place);
}

function showKeys() {
  if (!document.querySelector(ANOTHER_DIALOG)) document.getElementById("keys")?.showModal();
}

function onClick(event) {
  closeMenus(event.target.closest("details"));
  const opener = event.target.closest("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens)?.showModal();
  if (event.target.matches("dialog.dialog")) event.target.close();
}

async function onTheme(event) {
  const form = event.target.closest("[data-theme-form]");
  if (!form || !event.submitter) return;
  event.preventDefault();
  const before = document.documentElement.dataset.theme;
  show(form, event.submitter.value);
  if (!(await take(form.action, new FormData(form, event.submitter)))) show(form, before);
}

function show(form, theme) {
  document.documentElement.dataset.theme = theme;
  for (const button of form.querySelectorAll("button")) {
    button.setAttribute("aria-pressed", button.value === theme);
  }
}

/* Publish the height of the lines, which wrap, come and go, for the layout below them. */
function onLines([{ target }]) {
  document.body.style.setProperty("--lines", `${target.offsetHeight}px`);
}

/* Scroll a strip of links sidewards to the current one; the page itself stays where it is. */
function showCurrent(strip) {
  const current = strip.querySelector("[aria-current]");
  if (!current) return;
  const [inner, outer] = [current.getBoundingClientRect(), strip.getBoundingClientRect()];
  strip.scrollLeft += (inner.left + inner.right - outer.left - outer.right) / 2;
}

new ResizeObserver(onLines).observe(document.getElementById("under-bar"));
document.addEventListener("keydown", onKey);
document.addEventListener("click", onClick);
document.addEventListener("submit", onTheme);
for (const button of document.querySelectorAll("button[data-opens]")) button.hidden = false;
for (const strip of document.querySelectorAll(".strip, .segments.screens")) showCurrent(strip);
