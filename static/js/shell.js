/* The frame of every page: menus, theme, keyboard help. All of it also works without script. */

import { chords } from "./addresses.js";
import { hasOpenDialog, isChord, isInText, isModified, keyOf } from "./keys.js";
import "./leaving.js";
import { take } from "./toasts.js";

// The large view of a picture has keys of its own, which the help lists.
const ANOTHER_DIALOG = "dialog[open]:not(.viewer)";
const OPEN = "details.menu[open], details[data-popover][open]";

function onKey(event) {
  if (event.key === "Escape" && document.querySelector(OPEN)) {
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

function closeMenus(but = null) {
  for (const menu of document.querySelectorAll(OPEN)) {
    if (menu === but || menu.contains(but)) continue;
    const inside = menu.contains(document.activeElement);
    menu.open = false;
    if (inside) menu.querySelector("summary").focus();
  }
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

new ResizeObserver(onLines).observe(document.getElementById("under-bar"));
document.addEventListener("keydown", onKey);
document.addEventListener("click", onClick);
document.addEventListener("submit", onTheme);
for (const button of document.querySelectorAll("button[data-opens]")) button.hidden = false;
