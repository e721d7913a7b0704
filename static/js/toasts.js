/* Toasts: what was done, with undo, and errors. */

import { StudioElement } from "./element.js";
import { post } from "./requests.js";

// An undo must stay long enough to be read and reached.
const STAYS = 10_000;
// The studio says itself what is too large, and why it cannot do something now.
const TOLD = new Set([413, 503]);

const region = () => document.getElementById("toasts");

/* Posts a small step; the answer is the list of toasts. Tells whether it was done. */
export async function take(path, data = new URLSearchParams()) {
  data.set("next", location.pathname + location.search);
  const response = await post(path, data);
  if (response?.ok || TOLD.has(response?.status)) show(await response.text());
  return Boolean(response?.ok);
}

/* The region itself stays: screen readers announce what changes inside it. A proxy's answer has
   no toasts, so the page's own sentence is shown. */
function show(html) {
  const answer = new DOMParser().parseFromString(html, "text/html");
  const told = answer.getElementById("toasts");
  if (told) region().replaceChildren(...told.children);
  else showTrouble();
}

function onTrouble(event) {
  const { elt, xhr } = event.detail;
  if (elt.id === "poll" || elt.closest("#lines")) return;
  if (TOLD.has(xhr?.status)) show(xhr.responseText);
  else showTrouble();
}

function showTrouble() {
  const text = document.createElement("span");
  text.textContent = region().dataset.trouble;
  const toast = document.createElement("studio-toast");
  toast.className = "toast error";
  toast.append(text);
  region().replaceChildren(toast);
}

class StudioToast extends StudioElement {
  connect() {
    const dismiss = this.querySelector("[data-dismiss]");
    dismiss?.removeAttribute("hidden");
    if (dismiss) this.listen(dismiss, "click", () => this.remove());
    this.timer = setInterval(() => this.matches(":hover, :focus-within") || this.remove(), STAYS);
  }

  disconnect() {
    clearInterval(this.timer);
  }
}

customElements.define("studio-toast", StudioToast);
document.addEventListener("htmx:sendError", onTrouble);
document.addEventListener("htmx:responseError", onTrouble);
