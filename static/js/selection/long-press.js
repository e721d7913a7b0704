/* A long press of a finger on a tile; the click that follows is ignored. */

import { tileAt } from "../tiles.js";

// How long a finger has to rest, in milliseconds.
const REST = 450;

const tileOrTicked = (element) => tileAt(element) ?? element.closest("[data-picture]");

export class LongPress {
  /* `act` is called with the tile; listens as long as `owner` does. */
  constructor(owner, act) {
    this.act = act;
    owner.listen(document, "pointerdown", (event) => this.onPress(event));
    const over = () => clearTimeout(this.timer);
    owner.listen(document, "pointerup pointercancel scroll", over, { capture: true });
    owner.listen(document, "contextmenu", (event) => this.done && event.preventDefault());
  }

  onPress(event) {
    const tile = event.pointerType === "touch" && tileOrTicked(event.target);
    this.done = false;
    if (!tile) return;
    this.timer = setTimeout(() => {
      this.done = true;
      this.act(tile);
    }, REST);
  }
}
