/* Shift and an arrow: the range from where it began ends one picture further. */

import { ordinalBeside } from "../gallery/rows.js";

export class Extending {
  constructor() {
    this.forget();
  }

  forget() {
    Object.assign(this, { from: null, to: null });
  }

  /* Return what the key does from a tile: it selects, and resolves to the new end; or null. */
  step(kept, tile, key) {
    const { gallery } = kept;
    const here = kept.spotOf(tile);
    const at = gallery.view ? ordinalBeside(gallery.view.layout, here.at, key) : null;
    const id = at !== null && gallery.idAt(at);
    return id ? () => this.go(kept, here, { at, id }) : null;
  }

  go(kept, here, to) {
    if (this.to?.at === here.at) kept.set(this.from, here, false);
    else this.from = here;
    this.to = to;
    kept.set(this.from, to, true);
    kept.gallery.view.focus(to.at);
    return to;
  }
}
