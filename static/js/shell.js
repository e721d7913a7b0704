/* The frame of every page: menus, theme, toasts, the keyboard list. Everything here also works without it. */

import { address, chords } from "./addresses.js";

const OPEN = "details.menu[open], details[data-popover][open]";
let went = 0;

const typing = (target) => target.closest("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]");

function onKey(event) {
  if (event.key === "Escape" && document.querySelector(OPEN)) {
    closeMenus();
    event.preventDefault();
  }
  if (event.metaKey || event.ctrlKey || event.altKey || typing(event.target)) return;
  if (document.querySelector("dialog[open]")) return;
  if (event.key === "?") document.getElementById("keys")?.showModal();
  const after_g = went && event.timeStamp - went < 1200;
  if (after_g && chords[event.key]) location.assign(chords[event.key]);
  went = event.key === "g" && !after_g ? event.timeStamp : 0;
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
  const theme = event.submitter.value;
  document.documentElement.dataset.theme = theme;
  for (const button of form.querySelectorAll("button")) button.setAttribute("aria-pressed", button.value === theme);
  await fetch(form.action, { method: "POST", body: new FormData(form, event.submitter), redirect: "manual" });
}

/* A fragment that turns out to be the login page means that the session has ended. */
function onAnswer(event) {
  if (new URL(event.detail.xhr.responseURL).pathname === address("account_login")) location.reload();
}

function onTrouble(event) {
  const sentence = document.getElementById("toasts").dataset.trouble;
  const text = Object.assign(document.createElement("span"), { textContent: sentence });
  const toast = Object.assign(document.createElement("studio-toast"), { className: "toast error" });
  toast.append(text);
  if (event.detail.elt.id !== "poll") document.getElementById("toasts").replaceChildren(toast);
}

class StudioToast extends HTMLElement {
  connectedCallback() {
    const dismiss = this.querySelector("[data-dismiss]");
    dismiss?.removeAttribute("hidden");
    dismiss?.addEventListener("click", () => this.remove());
    // An undo must stay long enough to be read and reached.
    this.timer = setInterval(() => this.matches(":hover, :focus-within") || this.remove(), 10_000);
  }

  disconnectedCallback() {
    clearInterval(this.timer);
  }
}

customElements.define("studio-toast", StudioToast);
document.addEventListener("keydown", onKey);
document.addEventListener("click", onClick);
document.addEventListener("submit", onTheme);
document.addEventListener("htmx:beforeSwap", onAnswer);
document.addEventListener("htmx:sendError", onTrouble);
document.addEventListener("htmx:responseError", onTrouble);
for (const button of document.querySelectorAll("button[data-opens]")) button.hidden = false;
