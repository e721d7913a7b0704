/* The tiles of pictures on a page: which picture each is, and what it says about that. */

import { routeOf } from "./addresses.js";

// The small ones beside a large picture are no tiles of the page.
const TILE = "a.tile[href]:not(.thumb)";

/* The number of a tile's picture, 0 where it leads elsewhere. */
export function idOf(tile) {
  const { name, number } = routeOf(tile.pathname);
  return name === "picture" ? number : 0;
}

/* The tile that something stands in; null where it is of no picture, or there to be ticked. */
export function tileAt(element) {
  const tile = element.closest?.(TILE);
  return tile && !tile.role && idOf(tile) ? tile : null;
}

/* The tile, also of what lies over it. */
export const tileUnder = (element) =>
  tileAt(element) ?? tileAt(element.closest?.(".hung, .candidate")?.querySelector(TILE) ?? element);

export const tileOf = (id) => [...document.querySelectorAll(TILE)].find((one) => idOf(one) === id);

/* What hangs on the page for a tile: itself, or what frames it. */
export const hungBy = (tile) => tile.closest(".hung, .candidate") ?? tile;

function onChanged({ detail: { id, shared, starred, gone } }) {
  const tile = tileOf(id);
  if (!tile) return;
  if (shared !== undefined) tile.toggleAttribute("data-shared", shared);
  if (starred !== undefined) tile.toggleAttribute("data-starred", starred);
  if (gone !== undefined) hungBy(tile).hidden = gone;
}

document.addEventListener("picture-changed", onChanged);
