/* The tiles of pictures on a page: their ids, their elements, their marks. */

import { routeOf } from "./addresses.js";

// The small thumbnails beside a large picture do not count as tiles.
const TILE = "a.tile[href]:not(.thumb)";

/* Return the id of a tile's picture, 0 if it leads elsewhere. */
export function idOf(tile) {
  const { name, number } = routeOf(tile.pathname);
  return name === "picture" ? number : 0;
}

/* Return the tile around an element; null if it has no picture, or is a checkbox now. */
export function tileAt(element) {
  const tile = element.closest?.(TILE);
  return tile && !tile.role && idOf(tile) ? tile : null;
}

/* Return the tile around or below an element. */
export const tileUnder = (element) =>
  tileAt(element) ?? tileAt(element.closest?.(".hung, .candidate")?.querySelector(TILE) ?? element);

export const tileOf = (id) => [...document.querySelectorAll(TILE)].find((one) => idOf(one) === id);

/* Return the element to hide for a tile: itself, or its frame. */
export const hungBy = (tile) => tile.closest(".hung, .candidate") ?? tile;

function onChanged({ detail: { id, shared, starred, rejected, gone } }) {
  const tile = tileOf(id);
  if (!tile) return;
  if (shared !== undefined) tile.toggleAttribute("data-shared", shared);
  if (starred !== undefined) tile.toggleAttribute("data-starred", starred);
  if (rejected !== undefined) tile.toggleAttribute("data-rejected", rejected);
  if (gone !== undefined) hungBy(tile).hidden = gone;
}

document.addEventListener("picture-changed", onChanged);
