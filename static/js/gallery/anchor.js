/* The picture that stays where it is in the window when a gallery changes around it. */

import { boxOf, rowAt } from "./layout.js";

// The bar covers so many pixels of the window.
const COVERED = 40;

/* Return the first picture in view with a tile: {ordinal, id, top in the window}; else null. */
export function anchorOf({ layout, tiles, top, count }) {
  if (!layout.rows) return null;
  for (let ordinal = layout.starts[rowAt(layout, top)]; ordinal < count; ordinal += 1) {
    const box = boxOf(layout, ordinal);
    if (box.top > top + innerHeight) return null;
    const tile = box.top + box.height > top + COVERED && tiles.get(ordinal);
    if (tile && !tile.hidden) {
      return { ordinal, id: Number(tile.dataset.picture), top: box.top - top };
    }
  }
  return null;
}
