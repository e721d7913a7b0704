/* Dialogs: where [data-ask] links and forms open. Without script they are pages. */

import { isHeldClick } from "./keys.js";
import { closeMenus } from "./menus.js";
import { load } from "./requests.js";

const dialog = document.getElementById("ask");

function onClick(event) {
  const link = event.target.closest("a[data-ask]");
  if (!link || event.defaultPrevented || isHeldClick(event)) return;
  event.preventDefault();
  load(dialog, "GET", link.href).catch(() => null);
}

function onSubmit(event) {
  const button = event.submitter;
  // The answer is a file beside the page; the form has to be there until it is asked for.
  if (event.target.matches("[data-downloads]")) setTimeout(() => dialog.close());
  if (!event.target.matches("[data-ask]") && !button?.matches("[data-ask]")) return;
  event.preventDefault();
  send(event.target, new FormData(event.target, button), button);
}

/* Another model has other options and another price. */
function onChange(event) {
  const form = event.target.closest("[data-asks-again]") && event.target.form;
  if (!form || !dialog.contains(form)) return;
  const data = new FormData(form);
  data.set("step", "model");
  send(form, data);
}

async function send(form, data, button = null) {
  if (button) button.disabled = true;
  const names = [...new Set(data.keys())];
  const values = Object.fromEntries(names.map((name) => [name, data.getAll(name)]));
  // If no answer came, the message is shown already, and the button may be pressed again.
  const path = button?.getAttribute("formaction") ?? form.getAttribute("action");
  await load(dialog, "POST", path, values).catch(() => null);
  if (button) button.disabled = false;
}

/* The button that asked is often in a menu. */
function show() {
  closeMenus();
  dialog.showModal();
}

function onSwap(event) {
  if (event.detail.target !== dialog) return;
  if (!dialog.childElementCount) dialog.close();
  else if (!dialog.open) show();
  dialog.querySelector("[role=alert]")?.focus();
}

if (dialog) {
  document.addEventListener("click", onClick);
  document.addEventListener("submit", onSubmit);
  document.addEventListener("change", onChange);
  document.addEventListener("htmx:afterSwap", onSwap);
}
