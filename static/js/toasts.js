/* Toasts: messages about what was done, with undo, and what was not. */

import { StudioElement } from "./element.js";
import { post } from "./requests.js";

// In milliseconds: an undo must stay long enough to be read and reached.
const STAYS = 10_000;

const region = () => document.getElementById("toasts");

/* Post a small action; the answer is the list of toasts. Resolves to whether it was done. */
export async function take(path, data = new URLSearchParams()) {
  data.set("next", location.pathname + location.search);
  const { text, trouble, ok } = await post(path, data);
  tell(trouble, text);
  return ok;
}

/* Return the message for a problem named by requests.js. */
export function sentenceFor(trouble) {
  const { content } = document.getElementById("troubles");
  return content.querySelector(`[data-when=${trouble}]`).textContent.trim();
}

/* Show the answer's own toasts, which are most specific; else the message for the problem. The
   region itself stays: screen readers announce changes inside it. */
export function tell(trouble, html = "") {
  const answer = new DOMParser().parseFromString(html, "text/html");
  const told = answer.querySelectorAll("#toasts > *");
  if (told.length) region().replaceChildren(...told);
  else if (trouble) region().replaceChildren(toastOf(sentenceFor(trouble), "toast error"));
}

/* Show a message about what this page did itself. */
export function say(sentence) {
  region().replaceChildren(toastOf(sentence, "toast"));
}

function toastOf(sentence, className) {
  const text = document.createElement("span");
  text.textContent = sentence;
  const toast = Object.assign(document.createElement("studio-toast"), { className });
  toast.append(text);
  return toast;
}

function onTrouble({ detail }) {
  tell(detail.trouble, detail.text);
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
document.addEventListener("studio-trouble", onTrouble);
