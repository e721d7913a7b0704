/* Buttons that copy a text and confirm it; <studio-copy> copies its <code>. */

import { StudioElement } from "./element.js";

// Only a secure address may write to the clipboard; elsewhere people can select the text.
export const mayCopy = () => Boolean(navigator.clipboard);

export async function copyWith(button, text) {
  await navigator.clipboard.writeText(text);
  showCopied(button, true);
}

/* The second of a button's two texts says that it copied. */
export function showCopied(button, copied) {
  const [idle, done] = button.querySelectorAll("span");
  idle.hidden = copied;
  done.hidden = !copied;
}

class StudioCopy extends StudioElement {
  connect() {
    const button = this.querySelector("button");
    if (!mayCopy()) return;
    button.hidden = false;
    this.listen(button, "click", () => copyWith(button, this.querySelector("code").textContent));
  }
}

customElements.define("studio-copy", StudioCopy);
