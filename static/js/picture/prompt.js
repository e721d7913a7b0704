/* A prompt that folds if it is long, and can be copied. */

import { copyWith, mayCopy, showCopied } from "../copy.js";
import { StudioElement } from "../element.js";

// How long a button says that it copied, in milliseconds.
const SAYS_COPIED = 2000;

class StudioPrompt extends StudioElement {
  connect() {
    const button = this.querySelector("[data-copy]");
    if (mayCopy()) button.hidden = false;
    this.listen(button, "click", () => this.copy(button));
    this.fold();
  }

  fold() {
    const text = this.querySelector("p");
    const unfold = this.querySelector("[data-unfold]");
    unfold.hidden = text.scrollHeight <= text.clientHeight + 4;
    this.listen(unfold, "click", () => {
      const unfolded = this.classList.toggle("unfolded");
      unfold.setAttribute("aria-expanded", String(unfolded));
    });
  }

  async copy(button) {
    await copyWith(button, this.querySelector("p").textContent);
    setTimeout(() => showCopied(button, false), SAYS_COPIED);
  }
}

customElements.define("studio-prompt", StudioPrompt);
