/* The place of a large picture that is on its way: keys and swipes wait here for it. */

import { StudioElement } from "../element.js";
import { keyOf } from "../keys.js";
import { isForPicture, KEYS } from "./keys.js";
import { directionOf, Pointers } from "./pointers.js";

// The first presses wait, not the last: each was meant for the picture that those before led to.
const MOST_PRESSES = 5;
const SWIPES = { next: "ArrowRight", prev: "ArrowLeft" };

class StudioEarly extends StudioElement {
  isZoomed = false;

  connect() {
    this.presses = [];
    this.pointers = new Pointers(this);
    this.listen(document, "keydown", (event) => this.onKey(event));
  }

  /* Escape closes the dialog by itself; a key held down is one press. */
  onKey(event) {
    const key = keyOf(event);
    if (key === "Escape" || !Object.hasOwn(KEYS, key) || !isForPicture(event)) return;
    event.preventDefault();
    if (!event.repeat) this.keep(key);
  }

  keep(key) {
    if (this.presses.length < MOST_PRESSES) this.presses.push(key);
  }

  moveBy() {}

  pinchBy() {}

  wipeBy(across) {
    this.querySelector("a").style.transform = `translateX(${across}px)`;
  }

  wiped(across) {
    this.wipeBy(0);
    const direction = directionOf(across, this.offsetWidth);
    if (direction) this.keep(SWIPES[direction]);
  }
}

/* Press keys one after the other, each on the picture that the dialog shows by then. */
export async function pressAll(keys, dialog) {
  for (const key of keys) await dialog.querySelector("studio-picture")?.press(key);
}

customElements.define("studio-early", StudioEarly);
