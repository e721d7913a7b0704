/* A part beside a large picture that is fetched once it would be in view. */

import { StudioElement } from "../element.js";
import { get } from "../requests.js";

// Fetched some windows ahead, so that nothing in view moves when it comes.
const AHEAD = { rootMargin: "300% 0px" };

class StudioLater extends StudioElement {
  connect() {
    this.watch = new IntersectionObserver((seen) => this.onSeen(seen), AHEAD);
    this.watch.observe(this);
  }

  disconnect() {
    this.watch.disconnect();
  }

  async onSeen(seen) {
    if (!seen.some((one) => one.isIntersecting)) return;
    this.watch.disconnect();
    const { text, ok } = await get(this.dataset.path);
    if (ok) this.replaceChildren(document.createRange().createContextualFragment(text));
  }
}

customElements.define("studio-later", StudioLater);
