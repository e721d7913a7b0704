/* Keyboard control of a blind test, and protection against voting twice by one press. */

import { StudioElement } from "./element.js";
import { hasOpenDialog, isChord, isInText, isModified } from "./keys.js";

// A second press within this time, in milliseconds, was meant for the previous pair.
const SETTLES = 250;
const SAME = { ArrowDown: "Equal", NumpadEqual: "Equal", Digit0: "Equal", Backspace: "KeyU" };

// When this page last sent a vote; votes on its first pair are accepted at once.
let took = -SETTLES;

class BlindVote extends StudioElement {
  connect() {
    if (took > 0) took = performance.now();
    this.listen(document, "keydown", (event) => this.onKey(event));
    this.listen(this, "click", (event) => this.onClick(event), { capture: true });
    this.listen(this, "htmx:beforeRequest", () => this.onSent());
    this.listen(this, "htmx:afterRequest", () => this.removeAttribute("data-sent"));
  }

  onKey(event) {
    if (event.repeat || isModified(event) || isInText(event) || isChord(event)) return;
    if (hasOpenDialog() || document.querySelector("details.menu[open]")) return;
    const button = this.querySelector(`[data-key="${SAME[event.code] ?? event.code}"]`);
    if (!button) return;
    event.preventDefault();
    button.click();
  }

  onSent() {
    took = performance.now();
    this.toggleAttribute("data-sent", true);
  }

  onClick(event) {
    if (!event.target.closest("button")) return;
    const early = performance.now() - took < SETTLES;
    if (!early && !this.hasAttribute("data-sent")) return;
    event.preventDefault();
    event.stopPropagation();
  }
}

customElements.define("blind-vote", BlindVote);
